// `carillon decode`: whatever the octets, JSON or one line that says what is wrong.
#include <sstream>

#include "app/decode/decode_command.hpp"
#include "base/hex.hpp"
#include "check.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string hex = to_hex({data, size});
  const bool framed = size > 0 && (data[0] == 0x80 || data[0] == 0x81);
  for (const bool reencode : {false, true}) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const int code =
        app::run_decode({.hex = hex, .framed = framed, .reencode = reencode}, in, out, err);
    check(code == 0 || code == 1);
    if (code == 0) {
      check(err.str().empty());
      check(!reencode || out.str() == hex + "\n");
    } else {
      const std::string line = err.str();
      check(out.str().empty());
      check(std::count(line.begin(), line.end(), '\n') == 1);
    }
  }
  return 0;
}
