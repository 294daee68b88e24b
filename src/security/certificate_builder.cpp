#include "security/certificate_builder.hpp"

#include <chrono>

#include <openssl/pem.h>

#include "base/hash.hpp"

namespace carillon::security {
namespace {

using IntegerPtr = std::unique_ptr<ASN1_INTEGER, openssl::Release<ASN1_INTEGER_free>>;
using OctetStringPtr = std::unique_ptr<ASN1_OCTET_STRING, openssl::Release<ASN1_OCTET_STRING_free>>;
using AuthorityPtr = std::unique_ptr<AUTHORITY_KEYID, openssl::Release<AUTHORITY_KEYID_free>>;
using GeneralNamePtr = std::unique_ptr<GENERAL_NAME, openssl::Release<GENERAL_NAME_free>>;
using SubtreePtr = std::unique_ptr<GENERAL_SUBTREE, openssl::Release<GENERAL_SUBTREE_free>>;

GeneralNamePtr general_name(int type, std::string_view text) {
  GeneralNamePtr name{GENERAL_NAME_new()};
  ASN1_IA5STRING* string = ASN1_IA5STRING_new();
  if (!name || string == nullptr ||
      ASN1_STRING_set(string, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_IA5STRING_free(string);
    return nullptr;
  }
  GENERAL_NAME_set0_value(name.get(), type, string);
  return name;
}

std::time_t to_time(WallTime time) {
  return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

}  // namespace

CertificateBuilder::CertificateBuilder() : x509_(X509_new()) {
  require(x509_ && X509_set_version(x509_.get(), X509_VERSION_3) == 1);
}

void CertificateBuilder::require(bool good) {
  if (good || failed_) return;
  failed_ = true;
  reason_ = openssl::take_error();
}

void CertificateBuilder::add(int nid, void* value, bool critical) {
  require(value != nullptr &&
          X509_add1_ext_i2d(x509_.get(), nid, value, critical ? 1 : 0, X509V3_ADD_APPEND) == 1);
  names_last_ = false;
}

void CertificateBuilder::set_serial(ByteView octets) {
  BIGNUM* number = BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr);
  const IntegerPtr serial{BN_to_ASN1_INTEGER(number, nullptr)};
  BN_free(number);
  require(serial && X509_set_serialNumber(x509_.get(), serial.get()) == 1);
}

void CertificateBuilder::set_validity(WallTime from, WallTime until) {
  require(ASN1_TIME_set(X509_getm_notBefore(x509_.get()), to_time(from)) != nullptr &&
          ASN1_TIME_set(X509_getm_notAfter(x509_.get()), to_time(until)) != nullptr);
}

void CertificateBuilder::set_subject(std::string_view common_name) {
  require(X509_NAME_add_entry_by_NID(X509_get_subject_name(x509_.get()), NID_commonName,
                                     MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1);
}

void CertificateBuilder::set_key(const PublicKey& key) {
  require(X509_set_pubkey(x509_.get(), key.native()) == 1);
}

void CertificateBuilder::add_ca(int path_length) {
  const openssl::BasicConstraintsPtr constraints{BASIC_CONSTRAINTS_new()};
  if (!constraints) return require(false);
  constraints->ca = 0xFF;  // DER's TRUE.
  if (path_length >= 0) {
    constraints->pathlen = ASN1_INTEGER_new();
    require(ASN1_INTEGER_set(constraints->pathlen, path_length) == 1);
  }
  add(NID_basic_constraints, constraints.get(), true);
}

void CertificateBuilder::add_key_usage(unsigned bits) {
  const openssl::BitStringPtr usage{ASN1_BIT_STRING_new()};
  for (int bit = 0; usage && bit < 8; ++bit) {
    // KU_DIGITAL_SIGNATURE, bit 0 of the extension, is the top bit of the constant.
    if ((bits & (0x80U >> bit)) != 0) require(ASN1_BIT_STRING_set_bit(usage.get(), bit, 1) == 1);
  }
  add(NID_key_usage, usage.get(), true);
}

void CertificateBuilder::set_names(const ReloadUri& uri, const std::string& user_name) {
  if (names_last_) {
    X509_EXTENSION_free(X509_delete_ext(x509_.get(), X509_get_ext_count(x509_.get()) - 1));
  }
  const openssl::GeneralNamesPtr names{sk_GENERAL_NAME_new_null()};
  const auto push = [&](GeneralNamePtr name) {
    const bool pushed = names && name && sk_GENERAL_NAME_push(names.get(), name.get()) > 0;
    require(pushed);
    if (pushed) static_cast<void>(name.release());  // The stack owns it now.
  };
  push(general_name(GEN_URI, uri.to_string()));
  if (!user_name.empty()) push(general_name(GEN_EMAIL, user_name));
  const bool no_subject = X509_NAME_entry_count(X509_get_subject_name(x509_.get())) == 0;
  add(NID_subject_alt_name, names.get(), no_subject);
  names_last_ = true;
}

void CertificateBuilder::add_email_domains(const std::vector<std::string>& domains) {
  const openssl::NameConstraintsPtr constraints{NAME_CONSTRAINTS_new()};
  if (!constraints) return require(false);
  constraints->permittedSubtrees = sk_GENERAL_SUBTREE_new_null();
  for (const auto& domain : domains) {
    SubtreePtr subtree{GENERAL_SUBTREE_new()};
    auto base = general_name(GEN_EMAIL, domain);
    if (!subtree || !base) return require(false);
    GENERAL_NAME_free(subtree->base);
    subtree->base = base.release();
    if (sk_GENERAL_SUBTREE_push(constraints->permittedSubtrees, subtree.get()) <= 0) {
      return require(false);
    }
    static_cast<void>(subtree.release());
  }
  add(NID_name_constraints, constraints.get(), true);
}

void CertificateBuilder::add_subject_key_id() {
  // RFC 5280, 4.2.1.2, method 1: SHA-1 of the subjectPublicKey; not a matter of security.
  const ASN1_BIT_STRING* key = X509_get0_pubkey_bitstr(x509_.get());
  if (key == nullptr) return require(false);
  const Sha1Digest digest = sha1({key->data, static_cast<std::size_t>(key->length)});
  const OctetStringPtr id{ASN1_OCTET_STRING_new()};
  require(id && ASN1_OCTET_STRING_set(id.get(), digest.data(), digest.size()) == 1);
  add(NID_subject_key_identifier, id.get(), false);
}

void CertificateBuilder::add_authority_key_id(const Certificate& issuer) {
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(issuer.native());
  if (id == nullptr) return;  // A root made elsewhere may have none.
  const AuthorityPtr authority{AUTHORITY_KEYID_new()};
  if (!authority) return require(false);
  authority->keyid = ASN1_OCTET_STRING_dup(id);
  add(NID_authority_key_identifier, authority.get(), false);
}

void CertificateBuilder::set_hosts(const std::vector<std::string>& hosts) {
  const openssl::GeneralNamesPtr names{sk_GENERAL_NAME_new_null()};
  for (const auto& host : hosts) {
    // OpenSSL takes addresses apart; what is none is a name.
    const OctetStringPtr address{a2i_IPADDRESS(host.c_str())};
    openssl::clear_errors();
    GeneralNamePtr name{address ? GENERAL_NAME_new() : general_name(GEN_DNS, host).release()};
    if (address && name) {
      GENERAL_NAME_set0_value(name.get(), GEN_IPADD, ASN1_OCTET_STRING_dup(address.get()));
    }
    const bool pushed = names && name && sk_GENERAL_NAME_push(names.get(), name.get()) > 0;
    require(pushed);
    if (pushed) static_cast<void>(name.release());  // The stack owns it now.
  }
  add(NID_subject_alt_name, names.get(), false);
}

void CertificateBuilder::sign_with(X509_NAME* issuer, const KeyPair& key) {
  require(X509_set_issuer_name(x509_.get(), issuer) == 1 &&
          X509_sign(x509_.get(), key.native(), EVP_sha256()) > 0);
}

Result<CertificatePtr> CertificateBuilder::sign(const Certificate* issuer_certificate,
                                                const KeyPair& issuer_key, PublicKeyCache* keys) {
  sign_with(issuer_certificate != nullptr ? X509_get_subject_name(issuer_certificate->native())
                                          : X509_get_subject_name(x509_.get()),
            issuer_key);
  unsigned char* data = nullptr;
  const int size = failed_ ? 0 : i2d_X509(x509_.get(), &data);
  const openssl::Octets owner{data};
  require(size > 0);
  if (failed_) return fail(ErrorCode::io, "certificate", reason_);
  return Certificate::parse({data, static_cast<std::size_t>(size)}, keys);
}

Result<std::string> CertificateBuilder::sign_to_pem(const Certificate& issuer_certificate,
                                                    const KeyPair& issuer_key) {
  sign_with(X509_get_subject_name(issuer_certificate.native()), issuer_key);
  const openssl::BioPtr out{BIO_new(BIO_s_mem())};
  require(out && PEM_write_bio_X509(out.get(), x509_.get()) == 1);
  if (failed_) return fail(ErrorCode::io, "certificate", reason_);
  return openssl::contents(*out);
}

}  // namespace carillon::security
