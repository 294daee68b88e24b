#include "link/address_port.hpp"

namespace carillon::link {

std::string AddressPort::to_string() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  const std::string port_text = ":" + std::to_string(port);
  return is_ipv6 ? "[" + host + "]" + port_text : host + port_text;
}

}  // namespace carillon::link
