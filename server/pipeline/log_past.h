// The log as the engine asks for it when a new group of tags wants its past.
#pragma once

#include "storage/post_log.h"
#include "trend/engine.h"

namespace tagswell {

// Reads the blocks before `before`. `pause`, when it is not empty, is called between two blocks. The log outlives the
// reader. What cannot be read is logged and passed over.
Engine::PastReader PastOf(const PostLog& log, BlockSeq before, std::function<void()> pause);

}  // namespace tagswell
