#include "security/certificate.hpp"

#include <algorithm>

#include <openssl/pem.h>

#include "security/certificate_names.hpp"
#include "security/openssl.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t max_pem_certificates = 16;

std::unexpected<Error> bad(std::string detail) {
  return fail(ErrorCode::bad_certificate, "Certificate", std::move(detail));
}

Result<WallTime> to_wall_time(const ASN1_TIME* time) {
  std::tm fields{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) return bad("unreadable validity");
  using namespace std::chrono;
  const auto date = year{fields.tm_year + 1900} / month{static_cast<unsigned>(fields.tm_mon) + 1} /
                    day{static_cast<unsigned>(fields.tm_mday)};
  const auto since_epoch = sys_days{date}.time_since_epoch() + hours{fields.tm_hour} +
                           minutes{fields.tm_min} + seconds{fields.tm_sec};
  return WallTime{duration_cast<milliseconds>(since_epoch)};
}

}  // namespace

Result<CertificatePtr> Certificate::parse(ByteView der) {
  if (der.size() > max_der_size) {
    return fail(ErrorCode::too_large, "Certificate", "more than 16384 octets");
  }
  const unsigned char* at = der.data();
  std::shared_ptr<Certificate> certificate(new Certificate());
  certificate->x509_ = {d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free};
  X509* x509 = certificate->x509_.get();
  if (x509 == nullptr) return bad("not a DER certificate: " + openssl::take_error());
  if (at != der.data() + der.size()) return bad("octets after its end");
  if (X509_get_version(x509) != X509_VERSION_3) return bad("not version 3");
  auto key = PublicKey::from_native(X509_get0_pubkey(x509));
  openssl::clear_errors();
  if (!key) return std::unexpected(key.error());
  certificate->public_key_ = *std::move(key);
  certificate->der_ = to_bytes(der);
  certificate->sha256_ = sha256(der);
  certificate->sha1_ = carillon::sha1(der);
  if (auto read = certificate->read_roles(); !read) return std::unexpected(read.error());
  if (auto read = certificate->read_validity(); !read) return std::unexpected(read.error());
  if (auto read = certificate->read_names(); !read) return std::unexpected(read.error());
  return certificate;
}

Result<void> Certificate::read_roles() {
  const std::uint32_t flags = X509_get_extension_flags(x509_.get());
  openssl::clear_errors();
  if ((flags & EXFLAG_INVALID) != 0) return bad("an extension is malformed");
  is_ca_ = (flags & EXFLAG_CA) != 0;
  is_self_signed_ = (flags & EXFLAG_SS) != 0;
  may_sign_ = (X509_get_key_usage(x509_.get()) & KU_DIGITAL_SIGNATURE) != 0;
  return {};
}

Result<void> Certificate::read_validity() {
  const auto from = to_wall_time(X509_get0_notBefore(x509_.get()));
  const auto until = to_wall_time(X509_get0_notAfter(x509_.get()));
  if (!from) return std::unexpected(from.error());
  if (!until) return std::unexpected(until.error());
  not_before_ = *from;
  not_after_ = *until;
  return {};
}

Result<void> Certificate::read_names() {
  auto names = read_certificate_names(*x509_);
  if (!names) return std::unexpected(names.error());
  if (names->other_identities && !(is_ca_ && names->node_ids.empty())) {
    return bad("subjectAltName holds an identity other than reload URIs and one rfc822Name");
  }
  node_ids_ = std::move(names->node_ids);
  overlay_name_ = std::move(names->overlay_name);
  user_name_ = std::move(names->user_name);
  email_domains_ = read_email_domains(*x509_);
  return {};
}

bool Certificate::has_node_id(const NodeId& id) const {
  return std::ranges::find(node_ids_, id) != node_ids_.end();
}

Result<CertificatePtr> Certificate::parse_pem(std::string_view pem) {
  const auto list = parse_pem_list(pem);
  if (!list) return std::unexpected(list.error());
  return list->front();
}

Result<std::vector<CertificatePtr>> Certificate::parse_pem_list(std::string_view pem) {
  const auto bio = openssl::memory(pem);
  std::vector<CertificatePtr> list;
  while (bio) {
    const openssl::X509Ptr x509{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
    if (!x509) break;
    if (list.size() >= max_pem_certificates) return bad("more than 16 certificates in PEM text");
    unsigned char* data = nullptr;
    const int size = i2d_X509(x509.get(), &data);
    const openssl::Octets owner{data};
    if (size <= 0) return bad(openssl::take_error());
    auto certificate = parse({data, static_cast<std::size_t>(size)});
    if (!certificate) return std::unexpected(certificate.error());
    list.push_back(*std::move(certificate));
  }
  const std::string reason = openssl::take_error();  // At the end: "no start line".
  if (list.empty()) return bad("no certificate in PEM form: " + reason);
  return list;
}

std::string Certificate::to_pem() const {
  const openssl::BioPtr bio{BIO_new(BIO_s_mem())};
  if (!bio || PEM_write_bio_X509(bio.get(), x509_.get()) != 1) return {};
  return openssl::contents(*bio);
}

}  // namespace carillon::security
