#include "server/commands/failure.h"

#include <cstdio>

namespace tagswell {

int Fail(std::string_view detail) {
  std::fprintf(stderr, "tagswell: %.*s\n", static_cast<int>(detail.size()), detail.data());
  return kExitFailed;
}

int Fail(const Error& error) {
  return Fail(error.detail);
}

}  // namespace tagswell
