#include "sim/checker.hpp"

namespace carillon::sim {

std::vector<std::unique_ptr<Checker>> all_checkers() {
  std::vector<std::unique_ptr<Checker>> list;
  list.push_back(one_ring());
  list.push_back(one_responsible());
  list.push_back(no_loops());
  list.push_back(replica_count());
  list.push_back(nothing_unauthorised());
  list.push_back(bounded());
  return list;
}

}  // namespace carillon::sim
