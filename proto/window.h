// The sliding windows that are kept live.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace tagswell {

enum class Window : unsigned char { k5m = 0, k1h = 1, k6h = 2, k12h = 3, k24h = 4 };

inline constexpr std::array<Window, 5> kWindows = {Window::k5m, Window::k1h, Window::k6h, Window::k12h, Window::k24h};
inline constexpr int kWindowMinutesMax = 24 * 60;

constexpr int MinutesOf(Window window) {
  constexpr std::array<int, 5> kMinutes = {5, 60, 360, 720, 1440};
  return kMinutes[static_cast<std::size_t>(window)];
}
constexpr std::string_view Name(Window window) {
  constexpr std::array<std::string_view, 5> kNames = {"5m", "1h", "6h", "12h", "24h"};
  return kNames[static_cast<std::size_t>(window)];
}
constexpr std::optional<Window> WindowFromName(std::string_view name) {
  for (const Window window : kWindows) {
    if (Name(window) == name) return window;
  }
  return std::nullopt;
}

}  // namespace tagswell
