#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

#include "sip/header_id.hpp"
#include "sip/method.hpp"
#include "sip/sip_options.hpp"

namespace carillon::sip {

/// The CSeq header: number and method.
struct CSeq {
  std::uint32_t number{};
  std::string_view method{};
};

/// A SIP message as a value (RFC 3261, 7): the start line, the headers in their order, the body.
///
/// What we don't touch leaves as it came, octet by octet: a proxy must not reorder or rewrite what
/// isn't its own. Hence headers are kept as text; Uri, NameAddress, Via and DigestCredentials take
/// a value apart where it is needed. All text lies in one buffer, so a copy costs two allocations.
/// Views that the accessors return are valid until the message is next changed.
class SipMessage {
 public:
  /// `octets` is one datagram, or one message that StreamFramer cut off a stream. Fails if it does
  /// not even start as a message: nothing can be answered then. What is wrong behind the first
  /// line is told by `defect`, so that a 400 can say it.
  [[nodiscard]] static Result<SipMessage> parse(ByteView octets, const SipLimits& limits);
  [[nodiscard]] static SipMessage request(std::string_view method, std::string_view uri);
  [[nodiscard]] static SipMessage response(int status, std::string_view reason);

  [[nodiscard]] bool is_request() const { return status_ == 0; }
  [[nodiscard]] Method method() const { return method_; }
  [[nodiscard]] std::string_view method_text() const { return view(start_first_); }
  [[nodiscard]] std::string_view request_uri() const { return view(start_second_); }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::string_view reason() const { return view(start_second_); }
  [[nodiscard]] std::string_view body() const { return view(body_); }
  /// Why this is not a proper message, if so: for a 400's reason phrase.
  [[nodiscard]] const std::string& defect() const { return defect_; }
  /// "SIP/2.0", unless a request claims another version.
  [[nodiscard]] bool is_version_2() const { return version_2_; }

  /// The `index`-th value of a header; empty if there is none.
  [[nodiscard]] std::string_view header(HeaderId id, std::size_t index = 0) const;
  [[nodiscard]] std::size_t count(HeaderId id) const;
  [[nodiscard]] bool has(HeaderId id) const { return count(id) != 0; }
  /// Every value of the header, copied, lines with commas taken apart: for option tags and such.
  [[nodiscard]] std::vector<std::string> tokens(HeaderId id) const;
  [[nodiscard]] std::optional<CSeq> cseq() const;

  void set_request_uri(std::string_view uri);
  /// At the end of the headers, or behind those of the same kind for list headers.
  void append(HeaderId id, std::string_view value);
  void append(std::string_view name, std::string_view value);
  /// Before the others of its kind; at the very top if there are none.
  void prepend(HeaderId id, std::string_view value);
  /// The only one of its kind, in the place of the first.
  void set(HeaderId id, std::string_view value);
  void replace_first(HeaderId id, std::string_view value);
  void remove_at(HeaderId id, std::size_t index);
  void remove_first(HeaderId id) { remove_at(id, 0); }
  void remove_all(HeaderId id);
  void set_body(std::string_view body);

  /// With the Content-Length that the body has.
  [[nodiscard]] std::string serialize() const;

 private:
  struct Range {
    std::uint32_t offset{};
    std::uint32_t length{};
  };
  struct Field {
    HeaderId id{};
    Range name{};
    Range value{};
  };
  friend class MessageParser;

  [[nodiscard]] std::string_view view(Range range) const {
    return std::string_view{text_}.substr(range.offset, range.length);
  }
  [[nodiscard]] Range store(std::string_view text);
  [[nodiscard]] Field make_field(HeaderId id, std::string_view value);
  [[nodiscard]] std::size_t find(HeaderId id, std::size_t index) const;

  std::string text_;
  std::vector<Field> fields_;
  Range start_first_{};   ///< The method.
  Range start_second_{};  ///< The Request-URI or the reason phrase.
  Range body_{};
  int status_{0};  ///< 0: a request.
  Method method_{Method::other};
  bool version_2_{true};
  std::string defect_;
};

/// Copies what a response takes from its request: Via, From, To, Call-ID, CSeq (8.2.6.2). A To
/// without a tag gets `to_tag`, unless that is empty.
[[nodiscard]] SipMessage make_response(const SipMessage& request, int status,
                                       std::string_view reason, std::string_view to_tag = {});

/// The reason phrase that RFC 3261, 21 gives to a status.
[[nodiscard]] std::string_view default_reason(int status);

}  // namespace carillon::sip
