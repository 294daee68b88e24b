#pragma once

// For security's own sources: OpenSSL's objects with owners.

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <carillon/ids.hpp>

namespace carillon::security::openssl {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Release<EVP_CIPHER_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Release<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;
using NameConstraintsPtr = std::unique_ptr<NAME_CONSTRAINTS, Release<NAME_CONSTRAINTS_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>>;
using BitStringPtr = std::unique_ptr<ASN1_BIT_STRING, Release<ASN1_BIT_STRING_free>>;
using BasicConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, Release<BASIC_CONSTRAINTS_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free>>;

/// What an i2d function allocated.
struct FreeOctets {
  void operator()(unsigned char* octets) const { OPENSSL_free(octets); }
};
using Octets = std::unique_ptr<unsigned char, FreeOctets>;

/// What a d2i function reads from all of `octets`; null if it does not, or if octets are left.
template <typename Pointer, typename Decode>
[[nodiscard]] Pointer decode(Decode* d2i, ByteView octets) {
  const unsigned char* at = octets.data();
  Pointer object{d2i(nullptr, &at, static_cast<long>(octets.size()))};
  if (at != octets.data() + octets.size()) object.reset();
  return object;
}
/// The same for a structure that has no d2i function of its own.
template <typename T>
[[nodiscard]] T* decode_item(const ASN1_ITEM* item, ByteView octets) {
  const unsigned char* at = octets.data();
  auto* value = ASN1_item_d2i(nullptr, &at, static_cast<long>(octets.size()), item);
  if (at == octets.data() + octets.size()) return reinterpret_cast<T*>(value);
  ASN1_item_free(value, item);
  return nullptr;
}

/// Empties OpenSSL's error queue: what it leaves there would be taken for a later error.
void clear_errors();
/// Empties OpenSSL's error queue; the reason of the first entry, for people.
[[nodiscard]] std::string take_error();

/// Answers OpenSSL's question for a passphrase: there is none, and nobody to ask.
int no_passphrase(char* buffer, int size, int for_writing, void* context);

/// A read-only BIO over octets that outlive it.
[[nodiscard]] BioPtr memory(std::string_view text);
/// What was written to a memory BIO.
[[nodiscard]] std::string contents(BIO& bio);

}  // namespace carillon::security::openssl
