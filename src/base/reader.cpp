#include "base/reader.hpp"

namespace carillon {

ByteView Reader::bytes(std::size_t count, const char* field) {
  if (failed_) return {};
  if (count > input_.size() - position_) {
    reject(field, "needs " + std::to_string(count) + " octets, " +
                      std::to_string(input_.size() - position_) + " left");
    return {};
  }
  const ByteView view = input_.subspan(position_, count);
  position_ += count;
  return view;
}

Reader Reader::sub(std::size_t count, const char* field) {
  const std::size_t start = offset();
  Reader inner{bytes(count, field)};
  inner.base_ = start;
  inner.failed_ = failed_;
  inner.error_ = error_;
  return inner;
}

void Reader::reject_at(const char* field, std::size_t offset, std::string detail) {
  if (failed_) return;
  failed_ = true;
  error_ = Error{ErrorCode::malformed, field, std::move(detail), offset};
}

void Reader::merge(const Reader& other) {
  if (failed_ || !other.failed_) return;
  failed_ = true;
  error_ = other.error_;
}

void Reader::expect_end(const char* structure) {
  if (!failed_ && remaining() != 0) {
    reject(structure, std::to_string(remaining()) + " octets too many");
  }
}

}  // namespace carillon
