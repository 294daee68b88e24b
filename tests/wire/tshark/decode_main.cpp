// decode_main [--framed]: `carillon decode -` without the rest of the program.
#include <iostream>
#include <string_view>

#include "app/decode/decode_command.hpp"

int main(int argc, char** argv) {
  const bool framed = argc > 1 && std::string_view{argv[1]} == "--framed";
  return carillon::app::run_decode({.hex = "-", .framed = framed, .reencode = false}, std::cin,
                                   std::cout, std::cerr);
}
