#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>

namespace carillon::app {

/// The fields of a form as a browser or curl sends it (multipart/form-data, RFC 7578, which
/// replaces the RFC 2388 that RFC 6940, 11.3 names).
class MultipartForm {
 public:
  static constexpr std::size_t max_fields = 16;
  static constexpr std::size_t max_boundary_octets = 70;  ///< RFC 2046, 5.1.1

  struct Field {
    std::string name{};
    std::string content_type{};  ///< Empty: text.
    std::string content{};
  };

  /// `content_type`: the header's value, which has the boundary. `malformed`, with the offset
  /// within `body`, if it is no such form, has too many fields or one name twice.
  [[nodiscard]] static Result<MultipartForm> parse(std::string_view content_type,
                                                   std::string_view body);

  /// Null if there is none of that name.
  [[nodiscard]] const Field* field(std::string_view name) const;

  void add(Field field) { fields_.push_back(std::move(field)); }
  /// The form as a body, for a client. No field may contain `boundary`.
  [[nodiscard]] std::string body(std::string_view boundary) const;

 private:
  std::vector<Field> fields_;
};

}  // namespace carillon::app
