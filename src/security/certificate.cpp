#include "security/certificate.hpp"

#include <algorithm>

#include <openssl/pem.h>

#include "security/certificate_names.hpp"
#include "security/certificate_parts.hpp"
#include "security/openssl.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t max_pem_certificates = 16;

std::unexpected<Error> bad_certificate(std::string detail) {
  return fail(ErrorCode::bad_certificate, "Certificate", std::move(detail));
}

Result<WallTime> to_wall_time(ByteView& validity) {
  const unsigned char* at = validity.data();
  const openssl::TimePtr time{d2i_ASN1_TIME(nullptr, &at, static_cast<long>(validity.size()))};
  std::tm fields{};
  if (!time || ASN1_TIME_to_tm(time.get(), &fields) != 1)
    return bad_certificate("unreadable validity");
  validity = validity.subspan(static_cast<std::size_t>(at - validity.data()));
  using namespace std::chrono;
  const auto date = year{fields.tm_year + 1900} / month{static_cast<unsigned>(fields.tm_mon) + 1} /
                    day{static_cast<unsigned>(fields.tm_mday)};
  const auto since_epoch = sys_days{date}.time_since_epoch() + hours{fields.tm_hour} +
                           minutes{fields.tm_min} + seconds{fields.tm_sec};
  return WallTime{duration_cast<milliseconds>(since_epoch)};
}

}  // namespace

Result<CertificatePtr> Certificate::parse(ByteView der, PublicKeyCache* keys) {
  if (der.size() > max_der_size) {
    return fail(ErrorCode::too_large, "Certificate", "more than 16384 octets");
  }
  std::shared_ptr<Certificate> certificate(new Certificate());
  certificate->der_ = to_bytes(der);
  const auto parts = CertificateParts::split(certificate->der_);
  if (!parts) return std::unexpected(parts.error());
  auto key =
      keys != nullptr ? keys->get(parts->public_key) : PublicKey::from_der(parts->public_key);
  if (!key) return std::unexpected(key.error());
  certificate->public_key_ = *std::move(key);
  certificate->tbs_ = parts->tbs;
  certificate->signature_ = parts->signature;
  certificate->sha256_ = sha256(der);
  certificate->sha1_ = carillon::sha1(der);
  certificate->frame_digest_ = parts->frame_digest();
  auto read = certificate->read_roles(*parts);
  if (read) read = certificate->read_validity(parts->validity);
  if (read) read = certificate->read_names(*parts);
  openssl::clear_errors();
  if (!read) return std::unexpected(read.error());
  return certificate;
}

Result<void> Certificate::read_roles(const CertificateParts& parts) {
  is_self_signed_ = std::ranges::equal(parts.issuer, parts.subject);
  if (const auto* basic = parts.extension(NID_basic_constraints)) {
    const auto constraints =
        openssl::decode<openssl::BasicConstraintsPtr>(d2i_BASIC_CONSTRAINTS, basic->value);
    if (!constraints) return bad_certificate("basicConstraints are malformed");
    is_ca_ = constraints->ca != 0;
  }
  if (const auto* usage = parts.extension(NID_key_usage)) {
    const auto bits = openssl::decode<openssl::BitStringPtr>(d2i_ASN1_BIT_STRING, usage->value);
    if (!bits) return bad_certificate("keyUsage is malformed");
    may_sign_ = ASN1_BIT_STRING_get_bit(bits.get(), 0) == 1;  // digitalSignature
  }
  return {};
}

Result<void> Certificate::read_validity(ByteView validity) {
  constexpr std::size_t header_size = 2;  // Two times are never longer than 127 octets.
  if (validity.size() > header_size + 127) return bad_certificate("unreadable validity");
  ByteView times = validity.subspan(header_size);
  const auto from = to_wall_time(times);
  if (!from) return std::unexpected(from.error());
  const auto until = to_wall_time(times);
  if (!until) return std::unexpected(until.error());
  if (!times.empty()) return bad_certificate("unreadable validity");
  not_before_ = *from;
  not_after_ = *until;
  return {};
}

Result<void> Certificate::read_names(const CertificateParts& parts) {
  if (const auto* alternatives = parts.extension(NID_subject_alt_name)) {
    auto names = read_certificate_names(alternatives->value);
    if (!names) return std::unexpected(names.error());
    if (names->other_identities && !(is_ca_ && names->node_ids.empty())) {
      return bad_certificate(
          "subjectAltName holds an identity other than reload URIs and one rfc822Name");
    }
    node_ids_ = std::move(names->node_ids);
    overlay_name_ = std::move(names->overlay_name);
    user_name_ = std::move(names->user_name);
  }
  if (const auto* constraints = parts.extension(NID_name_constraints)) {
    auto email = read_email_constraints(constraints->value);
    if (!email) return std::unexpected(email.error());
    name_constraints_ = email->others ? NameConstraints::others : NameConstraints::email_only;
    email_domains_ = std::move(email->domains);
  }
  return {};
}

void Certificate::FreeNative::operator()(x509_st* native) const {
  X509_free(native);
}

x509_st* Certificate::native() const {
  if (!native_) {
    const unsigned char* at = der_.data();
    native_.reset(d2i_X509(nullptr, &at, static_cast<long>(der_.size())));
    openssl::clear_errors();
  }
  return native_.get();
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
    unsigned char* data = nullptr;
    long size = 0;
    const bool found = PEM_bytes_read_bio(&data, &size, nullptr, PEM_STRING_X509, bio.get(),
                                          openssl::no_passphrase, nullptr) == 1;
    const openssl::Octets owner{data};
    if (!found) break;
    if (list.size() >= max_pem_certificates)
      return bad_certificate("more than 16 certificates in PEM text");
    auto certificate = parse({data, static_cast<std::size_t>(size)});
    if (!certificate) return std::unexpected(certificate.error());
    list.push_back(*std::move(certificate));
  }
  const std::string reason = openssl::take_error();  // At the end: "no start line".
  if (list.empty()) return bad_certificate("no certificate in PEM form: " + reason);
  return list;
}

std::string Certificate::to_pem() const {
  const openssl::BioPtr bio{BIO_new(BIO_s_mem())};
  if (!bio || PEM_write_bio(bio.get(), PEM_STRING_X509, "", der_.data(),
                            static_cast<long>(der_.size())) <= 0) {
    return {};
  }
  return openssl::contents(*bio);
}

}  // namespace carillon::security
