#include "proto/formats/activitystreams_reader.h"

#include <algorithm>
#include <array>

#include "proto/html_text.h"

namespace tagswell {
namespace {

constexpr std::string_view kSource = "activitypub";

enum Member : std::size_t {
  kId,
  kType,
  kPublished,
  kUpdated,
  kName,
  kSummary,
  kContent,
  kMediaType,
  kContentMap,
  kActor,
  kAttributedTo,
  kInReplyTo,
  kTag,
  kTags,  // not of the vocabulary, but in use
  kTo,
  kAudience,
  kCc,
  kFirstQuote,
  kObject = kFirstQuote + 4
};
constexpr std::array<std::string_view, 22> kMembers = {
    "id",       "type",         "published",      "updated", "name", "summary", "content",  "mediaType", "contentMap",
    "actor",    "attributedTo", "inReplyTo",      "tag",     "tags", "to",      "audience", "cc",        "quoteUrl",
    "quoteUri", "quote",        "_misskey_quote", "object"};

template <std::size_t kSize>
bool IsOneOf(std::string_view type, const std::array<std::string_view, kSize>& types) {
  return std::ranges::find(types, type) != types.end();
}
bool IsPost(std::string_view type) {
  constexpr std::array<std::string_view, 9> kPosts = {"Note",  "Article", "Question", "Page",    "Video",
                                                      "Audio", "Image",   "Event",    "Document"};
  return IsOneOf(type, kPosts);
}
bool IsActor(std::string_view type) {
  constexpr std::array<std::string_view, 5> kActors = {"Person", "Service", "Application", "Group", "Organization"};
  return IsOneOf(type, kActors);
}
bool IsEveryone(std::string_view id) {
  constexpr std::array<std::string_view, 3> kEveryone = {"https://www.w3.org/ns/activitystreams#Public", "as:Public",
                                                         "Public"};
  return IsOneOf(id, kEveryone);
}

// Empty when the id is no URL.
std::string_view HostOf(std::string_view id) {
  const std::size_t scheme = id.find("://");
  if (scheme == std::string_view::npos) return {};
  id.remove_prefix(scheme + 3);
  return id.substr(0, id.find_first_of("/?#"));
}
bool SameHost(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(HostOf(a), HostOf(b), {}, lower, lower);
}

}  // namespace

bool ActivityStreamsReader::ReadDocument(Object document) {
  root_ = {};
  root_.is_inline = true;
  object_ = {};
  return json_.Members(document, kMembers, [&](std::size_t name, Value value) {
    return name == kObject ? ReadObject(value) : ReadMember(name, value, root_);
  });
}

// The first where there are several.
bool ActivityStreamsReader::ReadObject(Value value) {
  if (DocumentReader::IsString(value)) return json_.Text(value, object_.id);
  return json_.Elements(value, [&](Value element) {
    if (object_.is_inline || object_.id.data() != nullptr) return json_.Skip(element);
    object_.is_inline = DocumentReader::IsObject(element);
    if (!object_.is_inline) return json_.Text(element, object_.id);
    return json_.Members(element, kMembers,
                         [&](std::size_t name, Value member) { return ReadMember(name, member, object_); });
  });
}

bool ActivityStreamsReader::ReadMember(std::size_t name, Value value, Node& node) {
  switch (name) {
    case kId:
      return json_.Text(value, node.id);
    case kType:
      return ReadType(value, node.type);
    case kPublished:
      return json_.Text(value, node.published);
    case kUpdated:
      return json_.Text(value, node.updated);
    case kName:
      return json_.Text(value, node.name);
    case kSummary:
      return json_.Text(value, node.summary);
    case kContent:
      return json_.Text(value, node.content);
    case kMediaType:
      return json_.Text(value, node.media_type);
    case kContentMap:
      return ReadContentMap(value, node);
    case kActor:
      return ReadLink(value, node.actor);
    case kAttributedTo:
      return ReadLink(value, node.attributed_to);
    case kInReplyTo:
      return ReadLink(value, node.in_reply_to);
    case kTag:
    case kTags:
      return ReadTags(value, node);
    case kTo:
    case kAudience:
      node.is_addressed = true;
      return ReadAddressees(value, node.is_public);
    case kCc:
      node.is_addressed = true;
      return ReadAddressees(value, node.is_unlisted);
    case kObject:
      return json_.Skip(value);  // the object of an object is nobody's post
    default:
      node.is_quote = node.is_quote || DocumentReader::IsString(value);
      return json_.Skip(value);
  }
}

bool ActivityStreamsReader::ReadType(Value value, std::string_view& type) {
  if (!DocumentReader::IsArray(value)) return json_.Text(value, type);
  return json_.Elements(
      value, [&](Value element) { return type.data() == nullptr ? json_.Text(element, type) : json_.Skip(element); });
}

bool ActivityStreamsReader::ReadLink(Value value, Link& link) {
  constexpr std::array<std::string_view, 2> kLinkMembers = {"id", "type"};
  if (DocumentReader::IsString(value)) return json_.Text(value, link.id);
  return json_.Elements(value, [&](Value element) {
    if (link.id.data() != nullptr) return json_.Skip(element);
    if (!DocumentReader::IsObject(element)) return json_.Text(element, link.id);
    return json_.Members(element, kLinkMembers, [&](std::size_t name, Value member) {
      return name == 0 ? json_.Text(member, link.id) : ReadType(member, link.type);
    });
  });
}

bool ActivityStreamsReader::ReadAddressees(Value value, bool& includes_everyone) {
  const auto read = [&](Value element) {
    Link addressee;
    const bool well_formed = ReadLink(element, addressee);
    includes_everyone = includes_everyone || IsEveryone(addressee.id);
    return well_formed;
  };
  return DocumentReader::IsString(value) ? read(value) : json_.Elements(value, read);
}

bool ActivityStreamsReader::ReadTags(Value value, Node& node) {
  constexpr std::array<std::string_view, 2> kTagMembers = {"type", "name"};
  node.has_tags = node.has_tags || DocumentReader::IsArray(value) || DocumentReader::IsObject(value);
  return json_.Elements(value, [&](Value tag) {
    std::string_view type;
    std::string_view name;
    const bool read = json_.Members(tag, kTagMembers, [&](std::size_t member, Value text) {
      return member == 0 ? ReadType(text, type) : json_.Text(text, name);
    });
    if (type == "Hashtag" && !name.empty()) node.tags.push_back(name);
    return read;
  });
}

bool ActivityStreamsReader::ReadContentMap(Value value, Node& node) {
  return json_.EachMember(value, [&](std::string_view language, Value text) {
    if (node.languages++ != 0) return json_.Skip(text);
    node.mapped_language = language;
    return json_.Text(text, node.mapped_content);
  });
}

void ActivityStreamsReader::TellDocument(std::uint64_t line) {
  const std::string_view type = root_.type;
  if (type.data() == nullptr) {
    return batch_.Reject(line, {.code = "not_a_post", .detail = "this is no activity and no object: it has no type"});
  }
  if (type == "Delete" || type == "Undo") return TellDeletion(line);
  const bool is_activity = type == "Create" || type == "Update" || type == "Announce";
  if (!is_activity && !IsPost(type)) return batch_.Ignore();
  if (type == "Update" && (!object_.is_inline || !IsPost(object_.type))) return batch_.Ignore();
  if (type == "Update" && !NotForEveryone().empty()) {
    // What was for everyone may have been taken in.
    if (IsOfTheActor(line)) batch_.Delete(kSource, object_.id);
    return;
  }
  if (const std::string_view why = NotForEveryone(); !why.empty()) return batch_.Reject(line, NotPublic(why));
  if (!is_activity) return TellPost(line, root_, root_.updated.data() != nullptr);
  // Who only names a post, or speaks of something else, says nothing that could be counted.
  if (!object_.is_inline || !IsPost(object_.type)) return batch_.Ignore();
  if (!IsOfTheActor(line)) return;
  TellPost(line, object_, type == "Update");
}

// Rejects what is not. A server answers for its own people's posts (ActivityPub 1.0, sections 6.3 and 7.3): who is
// elsewhere neither makes them nor changes them, however well the activity is signed.
bool ActivityStreamsReader::IsOfTheActor(std::uint64_t line) {
  // Of what it passes on an Announce says nothing; it is a post itself.
  const bool is_announce = root_.type == "Announce";
  const std::string_view id = is_announce ? root_.id : object_.id;
  const std::string_view author = is_announce ? std::string_view() : object_.attributed_to.id;
  if (SameHost(root_.actor.id, id) && (author.data() == nullptr || SameHost(author, id))) return true;
  batch_.Reject(line, {.code = "foreign_actor",
                       .detail = "the actor, the post and its author are not of one server",
                       .field = "actor"});
  return false;
}

// Why it is not, or nothing. Every address that stands there must include everyone, and one must stand there.
std::string_view ActivityStreamsReader::NotForEveryone() const {
  std::string_view why;
  if (!root_.is_addressed && !object_.is_addressed) why = "it is addressed to nobody";
  for (const Node* node : {&root_, &object_}) {
    if (!node->is_addressed || node->is_public) continue;
    why = node->is_unlisted ? "it is unlisted" : "it is not addressed to everyone";
  }
  return why;
}

void ActivityStreamsReader::TellDeletion(std::uint64_t line) {
  const bool is_undo = root_.type == "Undo";
  const bool is_post = !object_.is_inline || (is_undo ? object_.type == "Announce" : !IsActor(object_.type));
  // An account that deletes itself names itself; nobody else can.
  if (!is_undo && !object_.id.empty() && object_.id == root_.actor.id) return batch_.DeleteAuthor(kSource, object_.id);
  if (object_.id.empty() || !is_post || object_.id == root_.actor.id) return batch_.Ignore();
  if (IsOfTheActor(line)) batch_.Delete(kSource, object_.id);
}

void ActivityStreamsReader::WriteText(const Node& said, PlatformPost& post) {
  const std::string_view content = said.content.data() != nullptr ? said.content : said.mapped_content;
  const bool is_note = said.type == "Note" || said.type == "Question";
  // A note's summary warns of its content; a title stands above all else. A note's name is a vote in a poll.
  const std::string_view title = is_note ? said.summary : said.name;
  if (content.data() == nullptr && (is_note || title.data() == nullptr)) return;
  text_ = title;
  if (!text_.empty() && !content.empty()) text_ += "\n\n";
  if (said.media_type.starts_with("text/") && said.media_type != "text/html") {
    text_ += content;
  } else {
    AppendHtmlText(content, text_);
  }
  post.text = text_;
}

void ActivityStreamsReader::TellPost(std::uint64_t line, const Node& said, bool is_edit) {
  const bool is_announce = root_.type == "Announce";
  PlatformPost post;
  const Link& author = !is_announce && said.attributed_to.id.data() != nullptr ? said.attributed_to : root_.actor;
  post.id = is_announce ? root_.id : said.id;
  post.author = author.id;
  post.is_bot = author.type == "Service" || author.type == "Application";
  post.created_at = is_announce || said.published.data() == nullptr ? root_.published : said.published;
  WriteText(said, post);
  if (said.languages == 1) post.lang = said.mapped_language;
  if (is_announce) {
    post.kind = PostKind::kRepost;
    post.repost_of = said.id;
  } else {
    post.in_reply_to = said.in_reply_to.id;
    if (said.is_quote) post.kind = PostKind::kQuote;
  }
  post.has_tags = said.has_tags;
  if (said.has_tags) post.tags = said.tags;
  Fill(batch_.post(), kSource, post);
  return is_edit ? batch_.Replace(line) : batch_.Add(line);
}

}  // namespace tagswell
