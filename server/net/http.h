// Requests and responses as handlers see them: plain values, no sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/net/payer.h"

namespace tagswell {

enum class Method : unsigned char { kGet = 0, kHead, kPost, kPut, kDelete, kOptions };

std::string_view Name(Method method);
std::optional<Method> MethodFromName(std::string_view name);

// What a caller may do. A token carries a set of them; none implies another.
enum class Role : unsigned char { kRead = 1, kIngest = 2, kAdmin = 4 };

struct RoleSet {
  unsigned char bits = 0;
  bool Has(Role role) const { return (bits & static_cast<unsigned char>(role)) != 0; }
  void Add(Role role) { bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(role)); }
};
inline constexpr RoleSet kAllRoles{7};

using NameValue = std::pair<std::string, std::string>;

// simdjson reads up to this many bytes past the end of what it parses.
inline constexpr std::size_t kBodyPaddingBytes = 64;

// A request that was read whole. Every string is a copy: a Request may outlive its connection and change threads.
// Path and query parameters are percent-decoded, valid UTF-8 and hold no NUL.
struct Request {
  Method method = Method::kGet;
  std::string path;                    // as sent, without the query
  std::vector<NameValue> path_params;  // what {name} in the route's pattern matched, in order; never empty values
  std::vector<NameValue> query;        // in order, repeats kept; only names that the route declares
  std::string raw_query;               // as sent, without '?'
  std::vector<NameValue> headers;      // the few that handlers use, names in lower case; see kKeptHeaders
  std::string host;                    // whom the client asked: "tags.example:8080"
  std::string body;                    // decoded; capacity() >= size() + kBodyPaddingBytes
  std::uint64_t body_bytes = 0;        // of Content-Length; 0 without one
  std::shared_ptr<const void> let_in;  // what its Admission set aside for it, for as long as the request is there
  std::string remote;                  // "127.0.0.1:4711"; told by a trusted proxy: "192.0.2.7"
  Payer payer;                         // whom it is counted for
  RoleSet roles;
  std::string token;  // the name of the caller's token; empty without one

  std::string_view PathParam(std::string_view name) const;                  // empty when there is none
  std::optional<std::string_view> QueryParam(std::string_view name) const;  // the first of that name
  std::string_view Header(std::string_view lower_case_name) const;          // empty when absent
};

// Headers that are kept for handlers. Host, Authorization, lengths and encodings are dealt with before.
inline constexpr std::string_view kKeptHeaders[] = {
    "accept", "accept-encoding", "content-digest",  "content-type", "if-none-match",  "last-event-id",
    "origin", "signature",       "signature-input", "user-agent",   "x-forwarded-for"};

class StreamHandler;

// An answer. `body` or `shared_body` (large and shared by many readers: not copied) or `stream` (endless).
struct Response {
  int status = 200;
  std::string content_type = {};  // not sent when empty
  std::string body = {};
  std::shared_ptr<const std::string> shared_body = {};
  std::vector<NameValue> headers = {};  // further ones; Content-Length, Connection and Date are ours
  // A body without an end (Server-Sent Events): the head goes out, then `stream` is opened with a mailbox whose frames
  // are written as they come. See server/net/mailbox.h for bounds.
  std::shared_ptr<StreamHandler> stream = {};
};

// Where a Reply leads: a session, or a test.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void Deliver(Response response) = 0;
};

// The way back from a handler. Move-only; call it exactly once, from any thread, at any time. Dropping it uncalled
// answers 500 internal and logs, so that no client waits for ever.
class Reply {
 public:
  explicit Reply(std::shared_ptr<ReplySink> sink) : sink_(std::move(sink)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  void operator()(Response response);

 private:
  std::shared_ptr<ReplySink> sink_;
};

}  // namespace tagswell
