#include "app/program.hpp"

int main(int argc, char** argv) {
  return carillon::app::run_program(argc, argv);
}
