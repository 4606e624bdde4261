#include "proto/formats/mastodon_reader.h"

#include <array>
#include <initializer_list>

#include "proto/html_text.h"
#include "proto/json_document.h"

namespace tagswell {
namespace {

constexpr std::string_view kSource = "mastodon";

// Those of a status stand first.
enum Member : std::size_t {
  kId,
  kCreatedAt,
  kEditedAt,
  kInReplyToId,
  kVisibility,
  kLanguage,
  kContent,
  kSpoilerText,
  kTags,
  kQuote,
  kAccount,
  kReblog,
  kEvent,
  kPayload
};
constexpr std::array<std::string_view, 14> kMembers = {
    "id",           "created_at", "edited_at", "in_reply_to_id", "visibility", "language", "content",
    "spoiler_text", "tags",       "quote",     "account",        "reblog",     "event",    "payload"};
constexpr std::span<const std::string_view> kStatusMembers = std::span(kMembers).first(kEvent);

bool IsStatusEvent(std::string_view event) {
  return event == "update" || event == "status.update";
}

// The host of an http(s) URL.
std::string_view HostIn(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == url.npos) return {};
  url.remove_prefix(begin + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

bool MastodonReader::ReadDocument(Object document) {
  status_ = {};
  original_ = {};
  is_reblog_ = is_envelope_ = has_payload_ = false;
  event_ = payload_text_ = {};
  const bool read = json_.Members(document, kMembers, [&](std::size_t name, Value value) {
    if (name < kEvent) return ReadMember(name, value, false);
    is_envelope_ = true;
    return name == kEvent ? json_.Text(value, event_) : ReadPayload(value);
  });
  if (!read || !IsStatusEvent(event_) || payload_text_.data() == nullptr) return read;
  return ReadEncodedPayload();
}

// An id, a status, or a status written as JSON in a string.
bool MastodonReader::ReadPayload(Value value) {
  has_payload_ = DocumentReader::IsObject(value);
  return has_payload_ ? ReadStatus(value, false) : json_.Name(value, payload_text_);
}

bool MastodonReader::ReadEncodedPayload() {
  payload_.assign(payload_text_);
  const std::size_t size = payload_.size();
  payload_.append(simdjson::SIMDJSON_PADDING, ' ');
  const std::string_view json = std::string_view(payload_).substr(0, size);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (!StartDocument(payload_parser_, json, document) || FirstNonSpace(json) != '{' ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return false;
  }
  json_.Start(HoldsEscape(json), batch_.options().depth_max);
  has_payload_ = true;
  status_ = {};
  return json_.Members(object, kStatusMembers, [&](std::size_t name, Value member) {
    return ReadMember(name, member, false);
  }) && AtEnd(document);
}

bool MastodonReader::ReadStatus(Value value, bool is_original) {
  return json_.Members(value, kStatusMembers,
                       [&](std::size_t name, Value member) { return ReadMember(name, member, is_original); });
}

bool MastodonReader::ReadMember(std::size_t name, Value value, bool is_original) {
  Status& status = is_original ? original_ : status_;
  switch (name) {
    case kId:
      return json_.Name(value, status.id);
    case kCreatedAt:
      return json_.Text(value, status.created_at);
    case kEditedAt:
      return json_.Text(value, status.edited_at);
    case kInReplyToId:
      return json_.Name(value, status.in_reply_to);
    case kVisibility:
      return json_.Text(value, status.visibility);
    case kLanguage:
      return json_.Text(value, status.lang);
    case kContent:
      return json_.Text(value, status.content);
    case kSpoilerText:
      return json_.Text(value, status.spoiler_text);
    case kTags:
      return ReadTags(value, status);
    case kQuote:
      status.is_quote = DocumentReader::IsObject(value);
      return json_.Skip(value);
    case kAccount:
      return ReadAccount(value, status.account);
    default:
      if (is_original || !DocumentReader::IsObject(value)) return json_.Skip(value);
      is_reblog_ = true;
      return ReadStatus(value, true);
  }
}

bool MastodonReader::ReadTags(Value value, Status& status) {
  constexpr std::array<std::string_view, 1> kName = {"name"};
  status.has_tags = DocumentReader::IsArray(value);
  return json_.Elements(value, [&](Value tag) {
    return json_.Members(tag, kName, [&](std::size_t, Value name) {
      std::string_view text;
      const bool read = json_.Text(name, text);
      if (text.data() != nullptr) status.tags.push_back(text);
      return read;
    });
  });
}

bool MastodonReader::ReadAccount(Value value, Account& account) {
  enum AccountMember : std::size_t { kAcct, kUrl, kUri, kAccountCreatedAt, kFollowers, kBot };
  constexpr std::array<std::string_view, 6> kAccountMembers = {"acct", "url", "uri", "created_at", "followers_count",
                                                               "bot"};
  return json_.Members(value, kAccountMembers, [&](std::size_t name, Value member) {
    switch (name) {
      case kAcct:
        return json_.Text(member, account.acct);
      case kUrl:
        return json_.Text(member, account.url);
      case kUri:
        return json_.Text(member, account.uri);
      case kAccountCreatedAt:
        return json_.Text(member, account.created_at);
      case kFollowers:
        return json_.Number(member, account.followers);
      default:
        return json_.Flag(member, account.is_bot);
    }
  });
}

void MastodonReader::TellDocument(std::uint64_t line) {
  if (!is_envelope_) return TellStatus(line);
  if (event_ == "delete" && !payload_text_.empty()) return batch_.Delete(kSource, payload_text_);
  if (event_ == "conversation") return batch_.Reject(line, NotPublic("it is a conversation"));
  if (!IsStatusEvent(event_)) return batch_.Ignore();
  if (!has_payload_) {
    return batch_.Reject(line, {.code = "not_a_post", .detail = "the payload of this event is no status"});
  }
  TellStatus(line);
}

// "name@host": accounts of the sending server come without their host.
std::string_view MastodonReader::AuthorOf(const Account& account) {
  if (account.acct.empty() || account.acct.contains('@')) return account.acct;
  std::string_view host = HostIn(account.url);
  if (host.empty()) host = HostIn(account.uri);
  if (host.empty()) return account.acct;
  author_.assign(account.acct).append("@").append(host);
  return author_;
}

void MastodonReader::TellStatus(std::uint64_t line) {
  const Status& said = is_reblog_ ? original_ : status_;
  const bool is_edit = event_ == "status.update" || status_.edited_at.data() != nullptr;
  // What was for everyone may have been taken in.
  if (is_edit && !status_.id.empty() && status_.visibility != "public") return batch_.Delete(kSource, status_.id);
  for (const Status* const status : std::initializer_list<const Status*>{&status_, &said}) {
    if (status->id.data() != nullptr && status->visibility != "public") {
      return batch_.Reject(line, NotPublic("its visibility is \"" + std::string(status->visibility) + "\""));
    }
  }
  PlatformPost post;
  post.id = status_.id;
  post.author = AuthorOf(status_.account);
  post.created_at = status_.created_at;
  if (said.content.data() != nullptr) {
    text_ = said.spoiler_text;
    if (!text_.empty()) text_ += "\n\n";
    AppendHtmlText(said.content, text_);
    post.text = text_;
  }
  post.lang = said.lang.data() != nullptr ? said.lang : status_.lang;
  if (is_reblog_) {
    post.kind = PostKind::kRepost;
    post.repost_of = said.id;
  } else {
    post.in_reply_to = status_.in_reply_to;
    if (status_.is_quote) post.kind = PostKind::kQuote;
  }
  post.followers = status_.account.followers;
  if (const auto created = ParseTimestamp(status_.account.created_at)) post.author_created = *created;
  post.is_bot = status_.account.is_bot;
  post.has_tags = said.has_tags;
  if (said.has_tags) post.tags = said.tags;
  Fill(batch_.post(), kSource, post);
  return is_edit ? batch_.Replace(line) : batch_.Add(line);
}

}  // namespace tagswell
