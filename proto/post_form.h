// How posts are written: whose they are, and in what shape of a body.
#pragma once

#include "proto/parsed_body.h"
#include "proto/post_format.h"

namespace tagswell {

struct PostForm {
  PostFormat format = PostFormat::kTagswell;
  BodyShape shape = BodyShape::kNdjson;

  bool operator==(const PostForm&) const = default;
};

}  // namespace tagswell
