#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "wire/error_response.hpp"
#include "wire/ice_candidate.hpp"
#include "wire/identifiers.hpp"
#include "wire/probe.hpp"
#include "wire/signature.hpp"

namespace carillon::wire {
namespace {

TEST(MessageCode, RequestsAreOddAndAnswersFollow) {
  EXPECT_TRUE(is_request(MessageCode::probe_req));
  EXPECT_FALSE(is_request(MessageCode::probe_ans));
  EXPECT_TRUE(is_response(MessageCode::probe_ans));
  EXPECT_EQ(answer_to(MessageCode::store_req), MessageCode::store_ans);
  EXPECT_TRUE(is_request(MessageCode{0x7fff})) << "unknown, but a request";
  EXPECT_TRUE(is_response(MessageCode::error));
  EXPECT_FALSE(is_request(MessageCode::error));
  for (const auto neither : {MessageCode{0}, MessageCode{0x8000}, MessageCode{0xfffd}}) {
    EXPECT_FALSE(is_request(neither));
    EXPECT_FALSE(is_response(neither));
  }
}

TEST(Names, AreTheRegistries) {
  EXPECT_EQ(to_string(MessageCode::route_query_req), "route_query_req");
  EXPECT_EQ(to_string(MessageCode{0x5}), "");
  EXPECT_EQ(to_string(ErrorResponseCode::incompatible_with_overlay),
            "Error_Incompatible_with_Overlay");
  EXPECT_EQ(to_string(ErrorResponseCode{0x1}), "");
  EXPECT_EQ(to_string(OverlayLinkType::tls_tcp_fh_no_ice), "TLS-TCP-FH-NO-ICE");
  EXPECT_EQ(to_string(CandType::relay), "relay");
  EXPECT_EQ(to_string(ProbeInformationType::uptime), "uptime");
  EXPECT_EQ(to_string(SignerIdentityType::cert_hash_node_id), "cert_hash_node_id");
  EXPECT_EQ(to_string(HashAlgorithm::sha256), "sha256");
  EXPECT_EQ(to_string(SignatureAlgorithm{9}), "");
}

TEST(OverlayHash, TheLast32BitsOfTheDigest) {
  EXPECT_EQ(overlay_hash("overlay.example.org"), OverlayHash{0x9aa32b8d});
}

TEST(ErrorResponse, EveryCodeOfOursHasANumberThatComesBackAsItselfOrAsSomethingToRetry) {
  for (auto number = 0; number <= static_cast<int>(ErrorCode::corrupt); ++number) {
    const auto code = static_cast<ErrorCode>(number);
    const ErrorResponseCode wire = to_wire(code);
    EXPECT_FALSE(to_string(wire).empty()) << to_string(code);
    const ErrorCode back = from_wire(wire);
    EXPECT_TRUE(back == code || back == ErrorCode::request_timeout ||
                back == ErrorCode::invalid_message || back == ErrorCode::forbidden)
        << to_string(code) << " comes back as " << to_string(back);
  }
  EXPECT_EQ(to_wire(ErrorCode::data_too_old), ErrorResponseCode::data_too_old);
  EXPECT_EQ(to_wire(ErrorCode::disk_full), ErrorResponseCode::request_timeout);
  EXPECT_EQ(to_wire(ErrorCode::bad_signature), ErrorResponseCode::forbidden);
  EXPECT_EQ(to_wire(ErrorCode::unknown_extension), ErrorResponseCode::unknown_extension);
  EXPECT_EQ(from_wire(ErrorResponseCode::unsupported_forwarding_option),
            ErrorCode::unknown_extension);
  EXPECT_EQ(from_wire(ErrorResponseCode{0x7777}), ErrorCode::invalid_message);
}

TEST(ErrorResponse, CarriesTheLineThatWasWrittenForPeople) {
  const auto response =
      ErrorResponse::from({ErrorCode::forbidden, "StoreReq", "not the owner", Error::no_offset});
  EXPECT_EQ(response.error_code, ErrorResponseCode::forbidden);
  EXPECT_EQ(as_text(response.error_info), "forbidden: StoreReq: not the owner");
  const Error error = response.to_error("store");
  EXPECT_EQ(error.code, ErrorCode::forbidden);
  EXPECT_EQ(error.message(),
            "forbidden: store: answered Error_Forbidden: forbidden: StoreReq: not the owner");
}

TEST(ErrorResponse, WhatTheOtherSideWroteIsNotTrustedInALog) {
  const ErrorResponse response{ErrorResponseCode{0x7777}, to_bytes(as_bytes("a\nb\x1b[31m"))};
  EXPECT_EQ(response.to_error("x").detail, "answered error 0x7777: a?b?[31m");
  const ErrorResponse binary{ErrorResponseCode::unknown_kind, {4, 0, 0, 0, 9}};
  EXPECT_EQ(binary.to_error("x").detail, "answered Error_Unknown_Kind");
}

TEST(ErrorResponse, IsCutToWhatFits) {
  const auto response =
      ErrorResponse::from({ErrorCode::io, "disk", std::string(70000, 'x'), Error::no_offset});
  EXPECT_EQ(response.error_info.size(), 65535U);
  EXPECT_TRUE(decode_whole<ErrorResponse>(encode(response)).has_value());
}

}  // namespace
}  // namespace carillon::wire
