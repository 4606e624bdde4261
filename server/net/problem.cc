#include "server/net/problem.h"

#include "proto/utf8.h"

namespace tagswell {
namespace {

// The length of the valid UTF-8 sequence at the front of `bytes`, 0 when there is none.
std::size_t SequenceLength(std::string_view bytes) {
  for (std::size_t length = 1; length <= 4 && length <= bytes.size(); ++length) {
    if (IsValidUtf8(bytes.substr(0, length))) return length;
  }
  return 0;
}

void AppendEscaped(unsigned char c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c < 0x20) {
    out += "\\u00";
    out += kHex[c >> 4];
    out += kHex[c & 15];
    return;
  }
  out += static_cast<char>(c);
}

}  // namespace

std::string_view StatusTitle(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  if (IsValidUtf8(text)) {
    for (const char c : text) AppendEscaped(static_cast<unsigned char>(c), out);
  } else {
    while (!text.empty()) {
      const std::size_t length = SequenceLength(text);
      if (length == 0) out += "\xEF\xBF\xBD";
      if (length == 1) AppendEscaped(static_cast<unsigned char>(text[0]), out);
      if (length > 1) out += text.substr(0, length);
      text.remove_prefix(length == 0 ? 1 : length);
    }
  }
  out += '"';
}

Response Problem(int status, std::string_view code, std::string_view detail, std::string_view field) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  std::string& body = response.body;
  body = R"({"type":"about:blank","title":)";
  AppendJsonString(StatusTitle(status), body);
  body += ",\"status\":" + std::to_string(status) + ",\"code\":";
  AppendJsonString(code, body);
  body += ",\"detail\":";
  AppendJsonString(detail, body);
  if (!field.empty()) {
    body += ",\"field\":";
    AppendJsonString(field, body);
  }
  body += '}';
  return response;
}

Response Problem(int status, const Error& error) {
  return Problem(status, error.code, error.detail, error.field);
}

}  // namespace tagswell
