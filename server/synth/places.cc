#include "server/synth/places.h"

#include <array>

namespace tagswell {
namespace {

constexpr std::array<Country, 18> kCountries = {{
    {{"US", "en"}, "es", 0.09, -4, 0.30, 0.50, 0},
    {{"CA", "en"}, "fr", 0.18, -4, 0.04, 0.06, 0.2},
    {{"GB", "en"}, "en", 0.00, 1, 0.08, 0.12, 0.5},
    {{"IE", "en"}, "en", 0.00, 1, 0.01, 0.02, 0.7},
    {{"AU", "en"}, "en", 0.00, 11, 0.03, 0.04, 1},
    {{"NZ", "en"}, "en", 0.00, 13, 0.01, 0.01, 1.5},
    {{"FR", "fr"}, "en", 0.04, 2, 0.06, 0.03, 1.5},
    {{"IN", "en"}, "hi", 0.25, 5, 0.07, 0.06, 2},
    {{"DE", "de"}, "en", 0.08, 2, 0.04, 0.03, 2},
    {{"ES", "es"}, "en", 0.03, 2, 0.05, 0.03, 2},
    {{"SE", "en"}, "en", 0.00, 2, 0.01, 0.02, 2.5},
    {{"ZA", "en"}, "en", 0.00, 2, 0.01, 0.01, 3},
    {{"IT", "it"}, "en", 0.03, 2, 0.03, 0.02, 3},
    {{"MX", "es"}, "en", 0.03, -5, 0.05, 0.03, 3},
    {{"BR", "pt"}, "en", 0.02, -3, 0.08, 0.02, 4},
    {{"JP", "ja"}, "en", 0.02, 9, 0.10, 0.02, 5},
    {{"EG", "ar"}, "en", 0.10, 2, 0.02, 0.01, 6},
    {{"KR", "en"}, "en", 0.00, 9, 0.01, 0.01, 7},
}};

}  // namespace

std::span<const Country> Countries() {
  return kCountries;
}

std::string_view LangOf(const Country& country, Random& random) {
  return random.Uniform() < country.second_share ? country.second_lang : country.place.lang;
}

Place PlaceReached(Duration since, Random& random) {
  const double hours = static_cast<double>(since.count()) / 3'600'000.0;
  const auto reached = [hours](const Country& country) { return hours < 0 || country.wave_delay_hours <= hours; };
  double total = 0;
  for (const Country& country : kCountries) total += reached(country) ? country.wave_share : 0;
  double left = random.Uniform() * total;
  for (const Country& country : kCountries) {
    if (!reached(country)) continue;
    left -= country.wave_share;
    if (left <= 0) return {country.place.country, LangOf(country, random)};
  }
  return kCountries.front().place;
}

}  // namespace tagswell
