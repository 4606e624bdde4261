// A stored post as clients see it, with the topics that its tags count as now.
#pragma once

#include <string>

#include "proto/alias_groups.h"
#include "proto/post.h"

namespace tagswell {

// `post` has the mentions that the log has.
Post ShownPost(const Post& post, const AliasGroups& groups);
std::string ShownPostToJson(const Post& post, const AliasGroups& groups);

}  // namespace tagswell
