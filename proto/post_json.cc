#include "proto/json_writer.h"
#include "proto/post_codec.h"

namespace tagswell {

std::string PostToJson(const Post& post) {
  JsonWriter json;
  json.BeginObject();
  json.Field("id", post.id);
  json.Field("source", post.source);
  json.Field("author", post.author);
  json.Field("created_at", post.created_at);
  json.Field("text", post.text);
  json.Field("kind", Name(post.kind));
  if (!post.lang.empty()) json.Field("lang", post.lang);
  if (!post.country.empty()) json.Field("country", post.country);
  if (!post.in_reply_to.empty()) json.Field("in_reply_to", post.in_reply_to);
  if (!post.repost_of.empty()) json.Field("repost_of", post.repost_of);
  if (post.author_followers) json.Field("author_followers", *post.author_followers);
  if (post.author_created_at) json.Field("author_created_at", *post.author_created_at);
  if (post.author_is_bot) json.Field("author_is_bot", true);
  json.Key("topics");
  json.BeginArray();
  for (const Mention& mention : post.mentions) json.Value(mention.topic);
  json.EndArray();
  json.EndObject();
  return json.Take();
}

}  // namespace tagswell
