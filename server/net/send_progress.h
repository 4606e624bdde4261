// How far a peer has come with what was written to its socket. The kernel knows: a write that went is not yet read.
#pragma once

#include <cstdint>

namespace tagswell {

struct SendProgress {
  std::uint64_t taken = 0;    // bytes that the peer's side has acknowledged since the connection began
  std::uint64_t waiting = 0;  // bytes written and not yet acknowledged
};

// Two system calls. Of a socket that is gone: nothing is taken, nothing waits.
SendProgress ProgressOf(int socket);

}  // namespace tagswell
