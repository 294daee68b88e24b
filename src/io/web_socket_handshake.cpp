#include "io/web_socket_handshake.hpp"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace carillon::io {
namespace {

namespace beast_http = boost::beast::http;
using Field = beast_http::field;
using Head = beast_http::request<beast_http::empty_body>;

constexpr std::string_view subprotocol = "sip";
constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t nonce_size = 16;

WebSocketAnswer refused(std::string_view status, std::string_view header = {}) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\n").append(header);
  return {false, text.append("Connection: close\r\nContent-Length: 0\r\n\r\n")};
}

std::string accept_key(std::string_view key) {
  return to_base64(sha1(as_bytes(std::string{key}.append(accept_guid))));
}

bool is_allowed(const Head& head, const std::vector<std::string>& origins) {
  const auto origin = head.find(Field::origin);
  if (origins.empty() || origin == head.end()) return true;
  return std::ranges::any_of(origins, [&](const std::string& allowed) {
    return boost::beast::iequals(allowed, origin->value());
  });
}

}  // namespace

WebSocketAnswer answer_handshake(std::string_view request,
                                 const std::vector<std::string>& origins) {
  beast_http::request_parser<beast_http::empty_body> parser;
  boost::system::error_code error;
  parser.header_limit(static_cast<std::uint32_t>(request.size() + 1));
  parser.put(boost::asio::buffer(request), error);
  if (error || !parser.is_header_done()) return refused("400 Bad Request");
  const auto& head = parser.get();
  if (!boost::beast::websocket::is_upgrade(head)) {
    return refused("426 Upgrade Required", "Upgrade: websocket\r\n");
  }
  if (head[Field::sec_websocket_version] != "13") {
    return refused("426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n");
  }
  const auto key = head[Field::sec_websocket_key];
  const auto nonce = from_base64({key.data(), key.size()});
  if (!nonce || nonce->size() != nonce_size || head[Field::host].empty()) {
    return refused("400 Bad Request");
  }
  if (!beast_http::token_list{head[Field::sec_websocket_protocol]}.exists(subprotocol)) {
    return refused("400 Bad Request");
  }
  if (!is_allowed(head, origins)) return refused("403 Forbidden");
  return {true,
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: " +
              accept_key({key.data(), key.size()}) + "\r\nSec-WebSocket-Protocol: sip\r\n\r\n"};
}

std::string too_large_handshake() {
  return refused("431 Request Header Fields Too Large").response;
}

}  // namespace carillon::io
