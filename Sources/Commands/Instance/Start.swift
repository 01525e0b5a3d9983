internal import CommandKit

let startCommand = Command("start", "Start an instance", usage: "[OPTIONS] [COMMAND...]", readsOwnWords: true) { _ in
    throw CommandError("this command is not built yet")
}
