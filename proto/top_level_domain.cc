#include "proto/top_level_domain.h"

#include <algorithm>
#include <array>

namespace tagswell {
namespace {

// Country codes, two letters each.
constexpr std::string_view kCountryCodes =
    "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjblbmbnbobqbrbsbtbvbwbybzcacccdcfcgchcickclcmcncocrcucvcwcxcy"
    "czdedjdkdmdodzeceeegehereseteufifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisit"
    "jejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemfmgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninl"
    "nonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsisjskslsmsnsosrssstsusvsxsysztctdtftgthtjtktl"
    "tmtntotptrtttvtwtzuaugukumusuyuzvavcvevgvivnvuwfwsyeytzazmzw";

// Generic domains in wide use, sorted. Rarer ones count only behind a protocol, where no list is asked.
constexpr std::string_view kGeneric[] = {
    "academy",   "aero",      "agency",    "app",     "art",           "asia",       "bar",    "berlin",  "best",
    "bike",      "biz",       "blog",      "buzz",    "cafe",          "care",       "cat",    "center",  "city",
    "cloud",     "club",      "com",       "company", "cool",          "coop",       "design", "dev",     "digital",
    "edu",       "education", "email",     "events",  "expert",        "foundation", "fun",    "gallery", "games",
    "global",    "gov",       "green",     "group",   "guide",         "guru",       "help",   "host",    "house",
    "info",      "ink",       "institute", "int",     "international", "jobs",       "life",   "link",    "live",
    "london",    "love",      "media",     "mil",     "mobi",          "moscow",     "movie",  "museum",  "name",
    "net",       "network",   "news",      "ngo",     "ninja",         "nyc",        "one",    "online",  "org",
    "page",      "paris",     "party",     "photo",   "photos",        "plus",       "post",   "press",   "pro",
    "report",    "review",    "reviews",   "rocks",   "shop",          "show",       "site",   "social",  "software",
    "solutions", "space",     "store",     "studio",  "support",       "systems",    "team",   "tech",    "tel",
    "tips",      "today",     "tokyo",     "top",     "tours",         "trade",      "travel", "video",   "vip",
    "wang",      "watch",     "website",   "wiki",    "win",           "work",       "works",  "world",   "wtf",
    "xxx",       "xyz",       "zone"};

}  // namespace

bool IsTopLevelDomain(std::string_view label) {
  std::array<char, 16> lower;
  if (label.size() < 2 || label.size() > lower.size()) return false;
  std::ranges::transform(label, lower.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  const std::string_view name(lower.data(), label.size());
  if (name.size() > 2) return std::ranges::binary_search(kGeneric, name);
  for (std::size_t i = 0; i < kCountryCodes.size(); i += 2) {
    if (kCountryCodes.substr(i, 2) == name) return true;
  }
  return false;
}

}  // namespace tagswell
