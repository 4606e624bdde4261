// colliding_names KIND COUNT BITS: prints COUNT names whose hashes share BITS bits, as someone would craft them who
// takes the server's hashes for unkeyed, or for keyed with the salt that replays use. BITS 0: names like any others.
//   post      the front of PostKey, of ids of the source "twitter"
//   name      the front of AuthorHash, which topics are found by too
//   unkeyed   the end of XXH3 without a seed
//   standard  the end of std::hash
#include <xxhash.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "proto/post_key.h"
#include "storage/store_options.h"

namespace {

std::uint64_t HashOf(std::string_view kind, std::string_view name, int bits) {
  if (kind == "post") return tagswell::KeyOf("twitter", name, tagswell::kDefaultSalt).high;
  if (kind == "name") return tagswell::AuthorHash(name, tagswell::kDefaultSalt);
  // The bits that are to be equal stand in front, as above.
  if (kind == "unkeyed") return std::rotr(std::uint64_t{XXH3_64bits(name.data(), name.size())}, bits);
  if (kind == "standard") return std::rotr(std::uint64_t{std::hash<std::string_view>()(name)}, bits);
  std::fprintf(stderr, "no such kind\n");
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string_view kind = argv[1];
  const int bits = std::atoi(argv[3]);
  std::uint64_t number = 0;
  for (long left = std::atol(argv[2]); left > 0; ++number) {
    char name[24];
    const int size = std::snprintf(name, sizeof name, "n%014llx", static_cast<unsigned long long>(number));
    if (bits > 0 && HashOf(kind, {name, static_cast<std::size_t>(size)}, bits) >> (64 - bits) != 0) continue;
    std::puts(name);
    --left;
  }
  return 0;
}
