#include "sip/sip_message.hpp"

#include "sip/name_address.hpp"
#include "sip/text.hpp"

namespace carillon::sip {

SipMessage SipMessage::request(std::string_view method, std::string_view uri) {
  SipMessage message;
  message.text_.reserve(1024);
  message.fields_.reserve(16);
  message.start_first_ = message.store(method);
  message.start_second_ = message.store(uri);
  message.method_ = method_from(method);
  return message;
}

SipMessage SipMessage::response(int status, std::string_view reason) {
  SipMessage message;
  message.text_.reserve(1024);
  message.fields_.reserve(16);
  message.status_ = status;
  message.start_second_ = message.store(reason);
  return message;
}

SipMessage::Range SipMessage::store(std::string_view text) {
  const Range range{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(text.size())};
  text_.append(text);
  return range;
}

SipMessage::Field SipMessage::make_field(HeaderId id, std::string_view value) {
  return {id, Range{}, store(value)};
}

std::size_t SipMessage::find(HeaderId id, std::size_t index) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].id == id && index-- == 0) return i;
  }
  return fields_.size();
}

std::string_view SipMessage::header(HeaderId id, std::size_t index) const {
  const auto at = find(id, index);
  return at == fields_.size() ? std::string_view{} : view(fields_[at].value);
}

std::size_t SipMessage::count(HeaderId id) const {
  std::size_t count = 0;
  for (const auto& field : fields_)
    count += field.id == id ? 1 : 0;
  return count;
}

std::vector<std::string> SipMessage::tokens(HeaderId id) const {
  std::vector<std::string> out;
  for (const auto& field : fields_) {
    if (field.id != id) continue;
    std::string_view rest = view(field.value);
    while (!rest.empty()) {
      if (const auto item = next_item(rest, ','); !item.empty()) out.emplace_back(item);
    }
  }
  return out;
}

std::optional<CSeq> SipMessage::cseq() const {
  const auto value = header(HeaderId::cseq);
  const auto space = value.find_first_of(" \t");
  if (space == std::string_view::npos) return std::nullopt;
  // Less than 2^31 (8.1.1.5).
  const auto number = decimal(value.substr(0, space), 0x7fffffff);
  const auto method = trim(value.substr(space));
  if (!number || method.empty()) return std::nullopt;
  return CSeq{static_cast<std::uint32_t>(*number), method};
}

void SipMessage::set_request_uri(std::string_view uri) {
  start_second_ = store(uri);
}

void SipMessage::append(HeaderId id, std::string_view value) {
  const auto field = make_field(id, value);
  auto at = fields_.end();
  if (is_list_header(id)) {
    for (auto i = fields_.begin(); i != fields_.end(); ++i) {
      if (i->id == id) at = i + 1;
    }
  }
  fields_.insert(at, field);
}

void SipMessage::append(std::string_view name, std::string_view value) {
  const auto stored_name = store(name);
  fields_.push_back({HeaderId::other, stored_name, store(value)});
}

void SipMessage::prepend(HeaderId id, std::string_view value) {
  const auto at = find(id, 0);
  const auto field = make_field(id, value);
  const bool none = at == fields_.size();
  fields_.insert(none ? fields_.begin() : fields_.begin() + static_cast<std::ptrdiff_t>(at), field);
}

void SipMessage::set(HeaderId id, std::string_view value) {
  const auto at = find(id, 0);
  const auto field = make_field(id, value);
  if (at == fields_.size()) {
    fields_.push_back(field);
    return;
  }
  fields_[at] = field;
  while (find(id, 1) != fields_.size())
    remove_at(id, 1);
}

void SipMessage::replace_first(HeaderId id, std::string_view value) {
  const auto at = find(id, 0);
  if (at == fields_.size()) return;
  fields_[at].value = store(value);
}

void SipMessage::remove_at(HeaderId id, std::size_t index) {
  const auto at = find(id, index);
  if (at != fields_.size()) fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(at));
}

void SipMessage::remove_all(HeaderId id) {
  std::erase_if(fields_, [&](const Field& field) { return field.id == id; });
}

void SipMessage::set_body(std::string_view body) {
  body_ = store(body);
}

std::string SipMessage::serialize() const {
  std::string out;
  std::size_t size = 64 + start_first_.length + start_second_.length + body_.length;
  for (const auto& field : fields_)
    size += 24 + field.name.length + field.value.length;
  out.reserve(size);
  if (is_request()) {
    out.append(method_text()).append(" ").append(request_uri()).append(" SIP/2.0\r\n");
  } else {
    out.append("SIP/2.0 ").append(std::to_string(status_)).append(" ").append(reason());
    out.append("\r\n");
  }
  for (const auto& field : fields_) {
    if (field.id == HeaderId::content_length) continue;
    out.append(field.name.length != 0 ? view(field.name) : header_name(field.id)).append(": ");
    out.append(view(field.value)).append("\r\n");
  }
  out.append("Content-Length: ").append(std::to_string(body_.length)).append("\r\n\r\n");
  return out.append(body());
}

SipMessage make_response(const SipMessage& request, int status, std::string_view reason,
                         std::string_view to_tag) {
  auto response = SipMessage::response(status, reason.empty() ? default_reason(status) : reason);
  for (std::size_t i = 0; i < request.count(HeaderId::via); ++i) {
    response.append(HeaderId::via, request.header(HeaderId::via, i));
  }
  response.append(HeaderId::from, request.header(HeaderId::from));
  const auto to = request.header(HeaderId::to);
  if (!to.empty() && !to_tag.empty() && tag_of(to).empty()) {
    response.append(HeaderId::to, std::string{to}.append(";tag=").append(to_tag));
  } else {
    response.append(HeaderId::to, to);
  }
  response.append(HeaderId::call_id, request.header(HeaderId::call_id));
  response.append(HeaderId::cseq, request.header(HeaderId::cseq));
  return response;
}

std::string_view default_reason(int status) {
  switch (status) {
    case 100:
      return "Trying";
    case 180:
      return "Ringing";
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 416:
      return "Unsupported URI Scheme";
    case 420:
      return "Bad Extension";
    case 423:
      return "Interval Too Brief";
    case 430:
      return "Flow Failed";
    case 439:
      return "First Hop Lacks Outbound Support";
    case 480:
      return "Temporarily Unavailable";
    case 481:
      return "Call/Transaction Does Not Exist";
    case 482:
      return "Loop Detected";
    case 483:
      return "Too Many Hops";
    case 487:
      return "Request Terminated";
    case 500:
      return "Server Internal Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Server Time-out";
    case 505:
      return "Version Not Supported";
    case 513:
      return "Message Too Large";
    default:
      return "Unknown";
  }
}

}  // namespace carillon::sip
