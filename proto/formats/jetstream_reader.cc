#include "proto/formats/jetstream_reader.h"

#include <algorithm>
#include <array>

#include "proto/tag_extractor.h"

namespace tagswell {
namespace {

constexpr std::string_view kSource = "bluesky";
constexpr std::string_view kPosts = "app.bsky.feed.post";

// Nothing for a time that no post may have.
std::optional<Timestamp> TimeOf(std::optional<std::uint64_t> microseconds) {
  if (!microseconds) return std::nullopt;
  const std::uint64_t milliseconds = *microseconds / 1000;
  if (milliseconds > static_cast<std::uint64_t>(kTimestampMax.time_since_epoch().count())) return std::nullopt;
  return Timestamp{Duration{static_cast<std::int64_t>(milliseconds)}};
}

}  // namespace

bool JetstreamReader::ReadDocument(Object document) {
  enum Member : std::size_t { kDid, kTimeUs, kKind, kCommit, kAccount };
  constexpr std::array<std::string_view, 5> kMembers = {"did", "time_us", "kind", "commit", "account"};
  did_ = kind_ = operation_ = collection_ = rkey_ = account_status_ = {};
  time_us_.reset();
  record_ = {};
  return json_.Members(document, kMembers, [&](std::size_t name, Value value) {
    switch (name) {
      case kDid:
        return json_.Text(value, did_);
      case kTimeUs:
        return json_.Number(value, time_us_);
      case kKind:
        return json_.Text(value, kind_);
      case kCommit:
        return ReadCommit(value);
      default:
        return ReadAccount(value);
    }
  });
}

bool JetstreamReader::ReadAccount(Value value) {
  constexpr std::array<std::string_view, 1> kMembers = {"status"};
  return json_.Members(value, kMembers, [&](std::size_t, Value status) { return json_.Text(status, account_status_); });
}

bool JetstreamReader::ReadCommit(Value value) {
  enum Member : std::size_t { kOperation, kCollection, kRkey, kRecord };
  constexpr std::array<std::string_view, 4> kMembers = {"operation", "collection", "rkey", "record"};
  return json_.Members(value, kMembers, [&](std::size_t name, Value member) {
    switch (name) {
      case kOperation:
        return json_.Text(member, operation_);
      case kCollection:
        return json_.Text(member, collection_);
      case kRkey:
        return json_.Text(member, rkey_);
      default:
        return ReadRecord(member);
    }
  });
}

// Of whatever collection: which one it is may come behind it.
bool JetstreamReader::ReadRecord(Value value) {
  enum Member : std::size_t { kText, kCreatedAt, kLangs, kReply, kFacets, kTags, kEmbed };
  constexpr std::array<std::string_view, 7> kMembers = {"text",   "createdAt", "langs", "reply",
                                                        "facets", "tags",      "embed"};
  return json_.Members(value, kMembers, [&](std::size_t name, Value member) {
    switch (name) {
      case kText:
        return json_.Text(member, record_.text);
      case kCreatedAt:
        return json_.Text(member, record_.created_at);
      case kLangs:
        return json_.Elements(member, [&](Value lang) {
          return record_.lang.data() == nullptr ? json_.Text(lang, record_.lang) : json_.Skip(lang);
        });
      case kReply:
        return ReadReply(member);
      case kFacets:
        return ReadFacets(member);
      case kTags:
        return json_.Elements(member, [&](Value tag) {
          std::string_view text;
          const bool read = json_.Text(tag, text);
          if (text.data() != nullptr) record_.tags.push_back(text);
          return read;
        });
      default:
        return ReadEmbed(member, false);
    }
  });
}

bool JetstreamReader::ReadFacets(Value value) {
  constexpr std::array<std::string_view, 1> kFeatures = {"features"};
  constexpr std::array<std::string_view, 2> kFeatureMembers = {"$type", "tag"};
  return json_.Elements(value, [&](Value facet) {
    return json_.Members(facet, kFeatures, [&](std::size_t, Value features) {
      return json_.Elements(features, [&](Value feature) {
        std::string_view type;
        std::string_view tag;
        const bool read = json_.Members(feature, kFeatureMembers, [&](std::size_t name, Value member) {
          return json_.Text(member, name == 0 ? type : tag);
        });
        if (type == "app.bsky.richtext.facet#tag" && tag.data() != nullptr) record_.facets.push_back(tag);
        return read;
      });
    });
  });
}

bool JetstreamReader::ReadReply(Value value) {
  constexpr std::array<std::string_view, 1> kParent = {"parent"};
  constexpr std::array<std::string_view, 1> kUri = {"uri"};
  return json_.Members(value, kParent, [&](std::size_t, Value parent) {
    return json_.Members(parent, kUri, [&](std::size_t, Value uri) { return json_.Text(uri, record_.parent); });
  });
}

// A quoted post is an embedded record; beside media the record stands one level deeper.
bool JetstreamReader::ReadEmbed(Value value, bool is_nested) {
  constexpr std::array<std::string_view, 2> kMembers = {"record", "uri"};
  return json_.Members(value, kMembers, [&](std::size_t name, Value member) {
    if (name == 0) {
      if (!is_nested || !DocumentReader::IsObject(member)) return ReadEmbed(member, true);
      constexpr std::array<std::string_view, 1> kUri = {"uri"};
      return json_.Members(member, kUri, [&](std::size_t, Value uri) { return TakeQuoted(uri); });
    }
    return is_nested ? TakeQuoted(member) : json_.Skip(member);
  });
}

bool JetstreamReader::TakeQuoted(Value value) {
  std::string_view uri;
  const bool read = json_.Text(value, uri);
  record_.is_quote = record_.is_quote || uri.contains(kPosts);
  return read;
}

void JetstreamReader::TellDocument(std::uint64_t line) {
  if (kind_.data() == nullptr) {
    return batch_.Reject(line, {.code = "not_a_post", .detail = "this is no message of Jetstream: it has no kind"});
  }
  // The other states of an account pass: it may be deactivated, or suspended for a while.
  if (kind_ == "account" && !did_.empty() && (account_status_ == "deleted" || account_status_ == "takendown"))
    return batch_.DeleteAuthor(kSource, did_);
  if (kind_ != "commit" || collection_ != kPosts) return batch_.Ignore();
  id_.clear();
  if (!did_.empty() && !rkey_.empty())
    id_.append("at://").append(did_).append("/").append(kPosts).append("/").append(rkey_);
  if (operation_ == "create" || operation_ == "update") return TellPost(line);
  return operation_ == "delete" && !id_.empty() ? batch_.Delete(kSource, id_) : batch_.Ignore();
}

// The hashtags that the post marks, or those of its text; and those that it names besides.
void JetstreamReader::TakeTags(PlatformPost& post) const {
  if (record_.facets.empty() && record_.tags.empty()) return;
  post.has_tags = true;
  post.tags = record_.facets;
  if (post.tags.empty()) {
    TagExtractor extractor(record_.text);
    while (const auto tag = extractor.Next()) post.tags.push_back(record_.text.substr(tag->body, tag->end - tag->body));
  }
  post.tags.insert(post.tags.end(), record_.tags.begin(), record_.tags.end());
}

void JetstreamReader::TellPost(std::uint64_t line) {
  PlatformPost post;
  post.id = id_;
  post.author = did_;
  // The author's clock says when, but never later than the network saw it.
  post.created_at = record_.created_at;
  const auto claimed = ParseTimestamp(record_.created_at);
  post.created = TimeOf(time_us_);
  if (claimed) post.created = post.created ? std::min(*claimed, *post.created) : *claimed;
  post.text = record_.text;
  post.lang = record_.lang;
  post.in_reply_to = record_.parent;
  if (record_.is_quote) post.kind = PostKind::kQuote;
  TakeTags(post);
  Fill(batch_.post(), kSource, post);
  return operation_ == "update" ? batch_.Replace(line) : batch_.Add(line);
}

}  // namespace tagswell
