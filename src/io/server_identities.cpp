#include "io/server_identities.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "io/socket_address.hpp"
#include "sip/text.hpp"
#include "sip/uri.hpp"

namespace carillon::io {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using AlternativeNames = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

/// More are not looked at.
constexpr int max_alternative_names = 16;
/// Above its own.
constexpr std::size_t max_intermediates = 8;

Certificate read_certificate(const Bytes& der) {
  const unsigned char* octets = der.data();
  return {d2i_X509(nullptr, &octets, static_cast<long>(der.size())), X509_free};
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// "192.0.2.1" of 4 or 16 octets; empty of others.
std::string address_of(const ASN1_STRING* octets) {
  const auto* data = ASN1_STRING_get0_data(octets);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(octets));
  boost::asio::ip::address_v4::bytes_type v4{};
  boost::asio::ip::address_v6::bytes_type v6{};
  if (size == v4.size()) {
    std::copy_n(data, size, v4.begin());
    return host_text(boost::asio::ip::address_v4{v4});
  }
  if (size != v6.size()) return {};
  std::copy_n(data, size, v6.begin());
  return host_text(boost::asio::ip::address_v6{v6});
}

std::string identity_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS: {
      const auto text = sip::lower_case(text_of(name.d.dNSName));
      return sip::is_host(text) ? text : std::string{};  // A wildcard is no host.
    }
    case GEN_URI: {
      const auto uri = sip::Uri::parse(text_of(name.d.uniformResourceIdentifier));
      // With a user part it is a person's (RFC 5922, 7.1).
      return uri && uri->is_sip() && uri->user.empty() ? uri->host : std::string{};
    }
    case GEN_IPADD:
      return address_of(name.d.iPAddress);
    default:
      return {};
  }
}

bool is_certified(X509_STORE* store, X509* own, const std::vector<Bytes>& chain) {
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> others{
      sk_X509_new_null(), [](STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); }};
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context{
      X509_STORE_CTX_new(), X509_STORE_CTX_free};
  if (!others || !context) return false;
  for (std::size_t i = 1; i < std::min(chain.size(), max_intermediates + 1); ++i) {
    auto certificate = read_certificate(chain[i]);
    if (certificate && sk_X509_push(others.get(), certificate.get()) > 0) {
      (void)certificate.release();
    }
  }
  return X509_STORE_CTX_init(context.get(), store, own, others.get()) == 1 &&
         X509_verify_cert(context.get()) == 1;
}

}  // namespace

Result<ServerIdentities> ServerIdentities::create(const std::filesystem::path& authorities) {
  std::shared_ptr<X509_STORE> store{X509_STORE_new(), X509_STORE_free};
  const bool read =
      store && (authorities.empty() ? X509_STORE_set_default_paths(store.get()) == 1
                                    : X509_STORE_load_file(store.get(), authorities.c_str()) == 1);
  ERR_clear_error();
  if (!read) {
    return fail(ErrorCode::bad_certificate, "TLS", "the authorities cannot be read");
  }
  return ServerIdentities{std::move(store)};
}

std::vector<std::string> ServerIdentities::names(const std::vector<Bytes>& chain) const {
  if (chain.empty()) return {};
  const auto own = read_certificate(chain.front());
  const bool certified = own && is_certified(store_.get(), own.get(), chain);
  ERR_clear_error();
  if (!certified) return {};
  const AlternativeNames names{static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
                                   own.get(), NID_subject_alt_name, nullptr, nullptr)),
                               GENERAL_NAMES_free};
  std::vector<std::string> out;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < std::min(count, max_alternative_names); ++i) {
    auto name = identity_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) out.push_back(std::move(name));
  }
  return out;
}

}  // namespace carillon::io
