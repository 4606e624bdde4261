// Walks a stranger's JSON: gives the members that a format knows, checks all others.
//
// A value of another type than was asked for counts as absent. Every call returns false where the JSON is malformed or
// nested too deep: the document is given up then. Views stay valid until simdjson's parser takes the next document.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tagswell {

class DocumentReader {
 public:
  using Object = simdjson::ondemand::object;
  using Value = simdjson::ondemand::value;

  // A document of its own. `may_hold_escapes`: a backslash stands somewhere in it.
  void Start(bool may_hold_escapes, std::size_t depth_max) {
    may_hold_escapes_ = may_hold_escapes;
    depth_left_ = depth_max - 1;
    repeated_ = {};
  }

  // Calls read(i, value) for each member that is named names[i] (at most 32), which must consume the value by one of
  // the functions below. A member that stands twice is read once; see repeated().
  template <typename Read>
  bool Members(Object object, std::span<const std::string_view> names, const Read& read) {
    std::uint32_t seen = 0;
    for (simdjson::simdjson_result<simdjson::ondemand::field> result : object) {
      simdjson::ondemand::field member;
      std::string_view key;
      if (std::move(result).get(member) != simdjson::SUCCESS || !Key(member, key)) return false;
      std::size_t i = 0;
      while (i < names.size() && names[i] != key) ++i;
      bool is_read = i < names.size();
      if (is_read && (seen >> i & 1) != 0) {
        if (repeated_.data() == nullptr) repeated_ = names[i];
        is_read = false;
      }
      seen |= is_read ? 1U << i : 0;
      if (is_read ? !read(i, member.value()) : !Skip(member.value())) return false;
    }
    return true;
  }
  template <typename Read>
  bool Members(Value value, std::span<const std::string_view> names, const Read& read) {
    Object object;
    if (!IsObject(value)) return Skip(value);
    if (!Enter() || value.get_object().get(object) != simdjson::SUCCESS) return false;
    return Members(object, names, read) && Leave();
  }

  // Calls read(name, value) for each member of an object whose names are data.
  template <typename Read>
  bool EachMember(Value value, const Read& read) {
    Object object;
    if (!IsObject(value)) return Skip(value);
    if (!Enter() || value.get_object().get(object) != simdjson::SUCCESS) return false;
    for (simdjson::simdjson_result<simdjson::ondemand::field> result : object) {
      simdjson::ondemand::field member;
      std::string_view key;
      if (std::move(result).get(member) != simdjson::SUCCESS || !Key(member, key) || !read(key, member.value()))
        return false;
    }
    return Leave();
  }

  // Calls read(value) for each element of an array, or for an object that stands in place of one.
  template <typename Read>
  bool Elements(Value value, const Read& read) {
    if (IsObject(value)) return read(value);
    simdjson::ondemand::array array;
    if (!IsArray(value)) return Skip(value);
    if (!Enter() || value.get_array().get(array) != simdjson::SUCCESS) return false;
    for (simdjson::simdjson_result<Value> result : array) {
      Value element;
      if (std::move(result).get(element) != simdjson::SUCCESS || !read(element)) return false;
    }
    return Leave();
  }

  bool Text(Value value, std::string_view& into);                // a string
  bool Name(Value value, std::string_view& into);                // a string, or the digits of a number
  bool Number(Value value, std::optional<std::uint64_t>& into);  // a whole number of zero or more
  bool Flag(Value value, bool& into);
  bool Skip(Value value);

  bool may_hold_escapes() const { return may_hold_escapes_; }

  static bool IsObject(Value value) { return value.raw_json_token().starts_with('{'); }
  static bool IsArray(Value value) { return value.raw_json_token().starts_with('['); }
  static bool IsString(Value value) { return value.raw_json_token().starts_with('"'); }

  // The first known member that stood twice in its object; a null view if none did.
  std::string_view repeated() const { return repeated_; }

 private:
  bool Key(simdjson::ondemand::field& member, std::string_view& key) const;
  bool Enter() { return depth_left_ != 0 && depth_left_-- != 0; }
  bool Leave() {
    ++depth_left_;
    return true;
  }

  bool may_hold_escapes_ = false;
  std::size_t depth_left_ = 0;
  std::string_view repeated_;
};

}  // namespace tagswell
