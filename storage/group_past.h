// Finds the posts of the past that a new group of tags and phrases takes in. Internal to storage/.
#pragma once

#include <expected>
#include <functional>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/post_codec.h"
#include "storage/log_block.h"
#include "storage/post_index.h"
#include "storage/post_log.h"

namespace tagswell {

// Calls visit(record, position) for each post before block `before` that belongs to the only group of `group` and was
// not taken back before that block, in the order of the log. The record's one mention is that of the group.
// O(posts of the group's tags), a tenth of a millisecond for each block that holds one; with phrases O(log), about a
// microsecond a post. Errors: those of PostLog::Read.
std::expected<void, Error> EachPastPost(const PostLog& log, const PostIndex& index, const AliasGroups& group,
                                        BlockSeq before,
                                        const std::function<void(const Record& record, Position position)>& visit);

}  // namespace tagswell
