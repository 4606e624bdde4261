// Ids that are decimal numbers, as most networks have them: from text to number and back, eight digits at a time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace tagswell {

inline constexpr std::uint64_t kNumericIdMax = 1ULL << 62;  // a difference of two, its sign and a flag fit into 64 bits
inline constexpr std::size_t kIdDigitsMax = 19;
inline constexpr std::uint64_t kZeroes = 0x3030303030303030;  // "00000000"

// Eight digits at once; nothing when one of them is none.
inline std::optional<std::uint64_t> EightDigits(const char* digits) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, digits, sizeof(bytes));
  const std::uint64_t values = bytes - kZeroes;
  if ((((bytes + 0x4646464646464646) | values) & 0x8080808080808080) != 0) return std::nullopt;
  const std::uint64_t pairs = values * 10 + (values >> 8);
  constexpr std::uint64_t kEven = 0x000000FF000000FF;
  return ((pairs & kEven) * 0x000F424000000064 + ((pairs >> 16) & kEven) * 0x0000271000000001) >> 32;
}

// The number that `id` is the decimal form of, if it is one and small enough.
inline std::optional<std::uint64_t> NumericId(std::string_view id) {
  if (id.empty() || id.size() > kIdDigitsMax || (id[0] == '0' && id.size() > 1)) return std::nullopt;
  std::uint64_t value = 0;
  std::size_t i = 0;
  for (; i + 8 <= id.size(); i += 8) {
    const auto eight = EightDigits(id.data() + i);
    if (!eight) return std::nullopt;
    value = value * 100'000'000 + *eight;
  }
  for (; i < id.size(); ++i) {
    if (id[i] < '0' || id[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(id[i] - '0');
  }
  if (value >= kNumericIdMax) return std::nullopt;
  return value;
}

// The decimal form of a number. A division for each digit would take longer than all the rest of a record.
class Decimal {
 public:
  explicit Decimal(std::uint64_t value) {
    const std::array<std::uint64_t, 3> groups = {DigitValues(value / (kGroup * kGroup)),
                                                 DigitValues(value / kGroup % kGroup), DigitValues(value % kGroup)};
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (zeros == 8 * i) zeros += groups[i] == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(groups[i])) / 8;
      const std::uint64_t text = groups[i] + kZeroes;
      std::memcpy(digits_.data() + 8 * i, &text, sizeof(text));
    }
    size_ = std::max<std::size_t>(1, digits_.size() - zeros);
  }

  std::string_view text() const { return {digits_.data() + digits_.size() - size_, size_}; }

 private:
  static constexpr std::uint64_t kGroup = 100'000'000;

  // The eight digits of a number below kGroup, a byte each, the first one lowest.
  static std::uint64_t DigitValues(std::uint64_t value) {
    const std::uint64_t fours = value / 10'000 | value % 10'000 << 32;
    const std::uint64_t hundreds = fours * 10'486 >> 20 & 0x7F0000007F;
    const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    const std::uint64_t tens = twos * 103 >> 10 & 0x000F000F000F000F;
    return tens | (twos - tens * 10) << 8;
  }

  std::array<char, 24> digits_;
  std::size_t size_ = 0;
};

}  // namespace tagswell
