#pragma once

#include <cstdint>
#include <string>

#include <carillon/carillon.h>
#include <carillon/overlay.hpp>

/// What a C program holds: an overlay, whatever it is made of.
struct carillon_overlay {
  carillon_overlay() = default;
  virtual ~carillon_overlay() = default;
  carillon_overlay(const carillon_overlay&) = delete;
  carillon_overlay& operator=(const carillon_overlay&) = delete;

  /// Before each call of it.
  [[nodiscard]] virtual carillon::Overlay& begin_input() = 0;

  bool told{false};  ///< A handler has run since this was last looked at.
};

namespace carillon::c {

inline std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

}  // namespace carillon::c
