// The words of made-up posts: sentences by language and theme, everyday hashtags, and author names.
// Everything here is invented; no sentence is anyone's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/synth/random.h"

namespace tagswell {

enum class Theme { kEveryday, kTestimony };

// A sentence of the theme. Languages without words of their own speak English.
std::string Sentence(std::string_view lang, Theme theme, Random& random);

// Hashtags without '#', the most used first. Never empty.
std::span<const std::string_view> EverydayTags(std::string_view lang);

// The greeting tag people use every morning, e.g. "GoodMorning".
std::string_view MorningTag(std::string_view lang);

// The handle of the nth member of a population; distinct for distinct (population, n).
std::string AuthorName(std::string_view population, std::uint64_t n);

}  // namespace tagswell
