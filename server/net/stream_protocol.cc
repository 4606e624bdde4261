#include "server/net/stream_protocol.h"

#include <charconv>

namespace tagswell {

StreamProtocol::StreamProtocol(Connection& connection, std::shared_ptr<StreamHandler> handler, bool chunked)
    : Subscriber(connection, std::move(handler)), chunked_(chunked) {}

void StreamProtocol::Start() {
  Subscriber::Start();
  Flush();
  connection_.Read();
}

void StreamProtocol::AppendChunkHead(std::size_t bytes, std::string& out) const {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, bytes, 16).ptr);
  out += "\r\n";
}

void StreamProtocol::AppendText(std::string_view text, std::string& out) const {
  if (chunked_) AppendChunkHead(text.size(), out);
  out += text;
  if (chunked_) out += "\r\n";
}

void StreamProtocol::AppendItems(const std::vector<Mailbox::Item>& items, std::string& out) {
  std::size_t bytes = 0;
  for (const Mailbox::Item& item : items) bytes += item.frame->size();
  if (bytes == 0) return;  // an empty chunk would be the end
  if (chunked_) AppendChunkHead(bytes, out);
  for (const Mailbox::Item& item : items) out += *item.frame;
  if (chunked_) out += "\r\n";
}

void StreamProtocol::AppendEnd(CloseCode, std::string_view reason, bool overflown, std::string& out) {
  if (overflown) {
    // A comment: the reader's Last-Event-ID must stay what it really got.
    std::string text = ": ";
    for (const char c : reason) text += c == '\n' || c == '\r' ? ' ' : c;
    text += "\n\n";
    AppendText(text, out);
  }
  if (chunked_) out += "0\r\n\r\n";
}

void StreamProtocol::AppendPing(std::string& out) {
  AppendText(":\n\n", out);
}

}  // namespace tagswell
