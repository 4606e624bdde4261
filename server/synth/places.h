// Where posts come from: countries with their languages, clocks, sizes, and when a wave that starts in the United
// States reaches them.
#pragma once

#include <span>
#include <string_view>

#include "proto/time.h"
#include "server/synth/random.h"

namespace tagswell {

struct Place {
  std::string_view country;  // ISO 3166-1 alpha-2
  std::string_view lang;     // BCP 47, first subtag
};

struct Country {
  Place place;
  std::string_view second_lang;  // spoken by second_share of its posts
  double second_share;
  int utc_offset_hours;
  double size;        // share of everyday posts; all add up to 1
  double wave_share;  // weight in a wave, once reached
  double wave_delay_hours;
};

std::span<const Country> Countries();

// The language of one post of the country.
std::string_view LangOf(const Country& country, Random& random);

// Where a post of a wave comes from, `since` its start. Before the start it is anywhere.
Place PlaceReached(Duration since, Random& random);

}  // namespace tagswell
