// Plain bytes for checkpoints of the engine: fixed-width values of this machine, strings with their length.
// A checkpoint is read by the build that wrote it (its version is checked before), so there is no schema.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tagswell {

class StateWriter {
 public:
  explicit StateWriter(std::string& out) : out_(out) {}

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void Put(const T& value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void Put(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
  }
  void Put(const std::string& text) { Put(std::string_view(text)); }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void PutAll(const std::vector<T>& values) {
    Put(static_cast<std::uint64_t>(values.size()));
    out_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

 private:
  std::string& out_;
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
