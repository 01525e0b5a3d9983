// nodes HOSTLIST [DURATION]: count and list hosts, and the node time they give in that duration.
//
//     $ swift run nodes 'node[08-11],login' 1.5h
//     5 hosts: node[08-11],login
//     node08
//     …
//     1.5h on each is 7.5h of node time
import Glibc
import RFC23FSD
import RFC29Hostlist

let arguments = Array(CommandLine.arguments.dropFirst())
guard let text = arguments.first else {
    print("usage: nodes HOSTLIST [DURATION]")
    exit(2)
}

do {
    let hosts = try Hostlist(parsing: text)
    print("\(hosts.count) hosts: \(hosts)")
    for host in hosts { print(host) }

    if arguments.count > 1 {
        let each = try FluxDuration(parsing: arguments[1])
        if let total = FluxDuration(seconds: each.seconds * Double(hosts.count)) {
            print("\(each) on each is \(total) of node time")
        }
    }
} catch {
    print("nodes: \(error)")   // hostlist: mismatched or nested brackets at column 2
    exit(1)
}
