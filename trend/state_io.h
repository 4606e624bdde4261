// Plain bytes for checkpoints of the engine: fixed-width values of this machine, strings with their length.
// A checkpoint is read by the build that wrote it (its version is checked before), so there is no schema.
// It leaves in pieces: a state may be as large as the memory that is left.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "proto/segmented_vector.h"

namespace tagswell {

// Takes the pieces of a state in their order. An empty one ends it.
using StateSink = std::function<void(std::string piece)>;

class StateWriter {
 public:
  static constexpr std::size_t kPieceBytes = 1 << 20;

  explicit StateWriter(const StateSink& sink) : sink_(sink) { piece_.reserve(kPieceBytes); }

  // Nothing is put afterwards.
  void Finish() {
    if (!piece_.empty()) sink_(std::move(piece_));
    sink_({});
  }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void Put(const T& value) {
    Append({reinterpret_cast<const char*>(&value), sizeof value});
  }
  void Put(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    Append(text);
  }
  void Put(const std::string& text) { Put(std::string_view(text)); }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void PutAll(const std::vector<T>& values) {
    Put(static_cast<std::uint64_t>(values.size()));
    Append({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }
  template <class T, std::size_t kSegment>
  void PutAll(const SegmentedVector<T, kSegment>& values) {
    Put(static_cast<std::uint64_t>(values.size()));
    values.ForEachSegment(
        [this](std::span<const T> some) { Append({reinterpret_cast<const char*>(some.data()), some.size_bytes()}); });
  }

 private:
  void Append(std::string_view bytes) {
    while (piece_.size() + bytes.size() > kPieceBytes) [[unlikely]] {
      const std::size_t fits = kPieceBytes - piece_.size();
      piece_.append(bytes.substr(0, fits));
      bytes.remove_prefix(fits);
      sink_(std::exchange(piece_, {}));
      piece_.reserve(kPieceBytes);
    }
    piece_.append(bytes);
  }

  const StateSink& sink_;
  std::string piece_;
};

// Reads never leave the bytes; once one fails, ok() stays false and every value is zero.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return bytes_.empty(); }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void Get(T& value) {
    value = T{};
    const std::string_view raw = Take(sizeof value);
    if (ok_) std::memcpy(&value, raw.data(), sizeof value);
  }
  template <class T>
  T Get() {
    T value{};
    Get(value);
    return value;
  }
  void Get(std::string& text) { text = Take(Get<std::uint32_t>()); }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void GetAll(std::vector<T>& values) {
    const auto count = Get<std::uint64_t>();
    if (count > bytes_.size() / sizeof(T)) ok_ = false;
    const std::string_view raw = Take(ok_ ? count * sizeof(T) : 0);
    values.resize(ok_ ? count : 0);
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
  }
  template <class T, std::size_t kSegment>
  void GetAll(SegmentedVector<T, kSegment>& values) {
    for (auto left = Get<std::uint64_t>(); left > 0 && ok_; --left) {
      const T value = Get<T>();
      if (ok_) values.push_back(value);
    }
  }

 private:
  std::string_view Take(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace tagswell
