#include "app/form_question.hpp"

#include <utility>

#include "base/hex.hpp"
#include "io/secure_random.hpp"

namespace carillon::app {

io::HttpQuestion form_question(io::HttpUrl server, const Sha256Digest& root,
                               const MultipartForm& form) {
  io::SecureRandom random;
  const auto boundary = "carillon-" + to_hex(random.bytes(16));
  return {.url = std::move(server),
          .method = "POST",
          .content_type = "multipart/form-data; boundary=" + boundary,
          .accept = "application/json",
          .body = form.body(boundary),
          .pinned_root = root};
}

}  // namespace carillon::app
