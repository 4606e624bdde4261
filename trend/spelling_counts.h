// How often each spelling of a topic was used. The first kSpellingsMax are counted. Events show what was used in closed
// minutes, so that they do not depend on what else has come already.
// Nearly all topics have one spelling, and nearly all spellings differ from the topic's name by capitals only: such a
// one is 16 bytes, without an allocation. `name` is the topic's name, always the same.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trend/state_io.h"

namespace tagswell {

class SpellingCounts {
 public:
  static constexpr std::size_t kSpellingsMax = 8;
  // Gives the spelling's number for Close(); kSpellingsMax when it is one too many.
  std::uint8_t Add(std::string_view name, std::string_view spelling);
  // The minute of a use that Add() counted has closed.
  void Close(std::uint8_t spelling);
  // Takes one use back; `closed`: its minute has closed.
  void Remove(std::string_view name, std::string_view spelling, bool closed);
  // The most used one; ties go to the smaller in byte order. Empty when there is none.
  std::string Best(std::string_view name) const { return BestBy(name, &Uses::used); }
  std::string BestClosed(std::string_view name) const { return BestBy(name, &Uses::closed); }
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Uses {
    std::uint32_t used = 0;
    std::uint32_t closed = 0;
  };
  struct Count {
    std::string spelling;
    Uses uses;
  };
  std::string BestBy(std::string_view name, std::uint32_t Uses::* by) const;

  // Until a second spelling comes: bit i says that byte i is a capital.
  std::uint64_t capitals_ = 0;
  Uses only_;
  std::unique_ptr<std::vector<Count>> counts_;
};

}  // namespace tagswell
