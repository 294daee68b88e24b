#include "app/token_key_file.hpp"

#include "app/failure.hpp"
#include "io/files.hpp"

namespace carillon::app {

TokenKey token_key(const std::filesystem::path& overlay, Random& random) {
  const auto path = overlay / "enrollment.key";
  const auto text = io::read_file(path);
  if (text) return must(TokenKey::from_text(*text), path.string());
  if (text.error().code != ErrorCode::not_found) throw Failure(text.error());
  const auto key = TokenKey::generate(random);
  must(io::write_file(path, as_bytes(key.to_text()), io::FileMode::secret));
  return key;
}

}  // namespace carillon::app
