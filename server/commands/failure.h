// How a command ends: its exit code, and the one line on standard error that says why.
#pragma once

#include <string_view>

#include "proto/error.h"

namespace tagswell {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // the environment, the configuration or the input is at fault
inline constexpr int kExitUsage = 2;   // the command line is

// Prints "tagswell: DETAIL" and gives kExitFailed.
int Fail(std::string_view detail);
int Fail(const Error& error);

}  // namespace tagswell
