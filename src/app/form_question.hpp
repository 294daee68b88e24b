#pragma once

#include "app/enrollment/multipart_form.hpp"
#include "base/hash.hpp"
#include "io/http_client.hpp"

namespace carillon::app {

/// What POSTs a form to an enrollment server, whose root has this digest, and wants JSON
/// (RFC 6940, 11.3).
[[nodiscard]] io::HttpQuestion form_question(io::HttpUrl server, const Sha256Digest& root,
                                             const MultipartForm& form);

}  // namespace carillon::app
