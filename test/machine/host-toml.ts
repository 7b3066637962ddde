/** The host that the pages and the examples speak of. */
export const hostToml = `[host.merlin]
domain = "example.org"
release = "debian12"
resolvers = ["2a01:4f8:0:1::add:1010"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", seed = "0123456789abcdef"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
nat64 = {}
dns64 = {}
ra = {}
vm.web.mac = "52:54:00:12:34:56"
`;
