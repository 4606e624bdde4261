#include "server/net/send_progress.h"

#include <linux/sockios.h>
#include <linux/tcp.h>  // not <netinet/tcp.h>, whose tcp_info ends before the bytes
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace tagswell {

SendProgress ProgressOf(int socket) {
  SendProgress progress;
  tcp_info info = {};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return progress;
  progress.taken = info.tcpi_bytes_acked;
  int waiting = 0;
  if (::ioctl(socket, SIOCOUTQ, &waiting) == 0 && waiting > 0) progress.waiting = static_cast<std::uint64_t>(waiting);
  return progress;
}

}  // namespace tagswell
