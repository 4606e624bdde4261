#include "server/api/shown_post.h"

#include "proto/post_codec.h"

namespace tagswell {

Post ShownPost(const Post& post, const AliasGroups& groups) {
  Post shown = post;
  groups.Extend(shown);
  groups.Show(shown);
  return shown;
}

std::string ShownPostToJson(const Post& post, const AliasGroups& groups) {
  return groups.empty() ? PostToJson(post) : PostToJson(ShownPost(post, groups));
}

}  // namespace tagswell
