// The configuration's view of the process's environment.
#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"

namespace tagswell {

// A file (none when empty) and the environment.
ConfigSources SourcesOf(const std::string& file);

// All names of the environment, so that a mistyped TAGSWELL_ variable is told. Without TAGSWELL_TOKEN: that is a
// client's, and may well be set where a server is started.
std::vector<std::string> EnvironmentNames();

}  // namespace tagswell
