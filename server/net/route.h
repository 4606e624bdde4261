// What the server answers to: a table of methods, path patterns and handlers.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/net/http.h"
#include "server/net/mailbox.h"

namespace tagswell {

// A subscriber of an endless response. All calls come on the session's io thread, OnOpen first, OnClose last and once.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void OnOpen(std::shared_ptr<Mailbox> mailbox) = 0;  // keep it; it is how to send
  virtual void OnClose() = 0;                                 // the mailbox is dead; no call follows
};

// One WebSocket connection.
class WebSocketHandler : public StreamHandler {
 public:
  // A whole message: text is valid UTF-8. capacity() >= size() + kBodyPaddingBytes. Must not block.
  virtual void OnMessage(std::string&& message, bool is_text) = 0;
};

// Must not block: it runs on an io thread. It may keep both arguments and answer later from elsewhere.
using Handler = std::function<void(Request&&, Reply)>;

// Decides on an upgrade before it happens: a handler, or the refusal to answer with. Must not block.
using WebSocketFactory = std::function<std::expected<std::unique_ptr<WebSocketHandler>, Response>(const Request&)>;

enum class BodyRule : unsigned char {
  kNone,      // a body is refused: 400 unexpected_body
  kRequired,  // Content-Length or chunked must be there: else 411 length_required. Its length may be 0.
  kOptional,  // read where there is one
};

// Decides once the head is read, before the body is: an answer refuses the request. It is sent at once; the body is
// read past without being kept, decoded or parsed, and the connection goes on. It may set Request::let_in. Must not
// block.
using Admission = std::function<std::optional<Response>(Request&)>;

struct QueryParamRule {
  std::string name;
  bool repeatable = false;  // else a second one is 400 repeated_parameter
};

// May refuse a request once it is known whose it is, before its parameters and body are looked at. Must not block.
using Guard = std::function<std::optional<Response>(const Request&)>;

struct Route {
  Method method = Method::kGet;            // kGet answers HEAD too
  std::string pattern = {};                // "/v1/posts/{source}/{id}": {name} takes one segment
  std::optional<Role> role = {};           // none: open to everyone
  std::vector<QueryParamRule> query = {};  // any other name is 400 unknown_parameter
  BodyRule body = BodyRule::kNone;
  Admission admission = {};         // of bodies; empty: every one is read
  Handler handler = {};             // may be empty when `websocket` is set: then 426 upgrade_required
  WebSocketFactory websocket = {};  // kGet only: takes the upgrades of this path
  Guard guard = {};                 // none: whoever has the role may
  bool signable = false;            // comes without the role where Signature-Input is sent: the handler checks that
  bool probe = false;               // of the machinery that watches the server: never limited
  bool operating = false;           // for operators, as is what needs kAdmin: see ServerOptions::admin_listen
};

}  // namespace tagswell
