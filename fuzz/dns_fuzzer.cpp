// DNS answers, as a server that lies may send them: the type that was asked for, then the octets.
#include "check.hpp"
#include "io/dns_records.hpp"
#include "sip/address.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<sip::DnsType>(data[0] % 4);
  const auto answer = io::read_dns_answer({data + 1, size - 1}, type);
  check(answer.ttl >= seconds{0} && answer.ttl < seconds{std::int64_t{1} << 31});
  for (const auto& record : answer.records)
    check(record.text.empty() || (record.text.size() <= 253 && sip::is_host(record.text)));
  return 0;
}
