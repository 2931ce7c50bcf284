"""System calls that no answer needs, refused by a filter that bubblewrap installs (`--seccomp`).

They are the ways around the other fences: memory that no limit counts (memfd, System V), other processes' memory,
namespaces of one's own, key rings, io_uring, sockets that reach beyond the network namespace. The filter is a program
of the kernel's classic BPF (Linux: Documentation/userspace-api/seccomp_filter.rst), numbers are those of asm/unistd.h.
"""

import platform
import struct

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# name: (number on x86-64, number on 64-bit ARM)
_REFUSED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)
_FAMILIES = (1, 2, 10)  # Unix, IPv4, IPv6: all of the namespace; others (vsock, netlink, packet) may reach beyond it
_NAMESPACES = 0x7E020000  # the CLONE_NEW... flags
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_ANY, _JUMP_IF_GREATER, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # places in the kernel's struct seccomp_data
_X32 = 0x40000000  # x86-64's second numbering


def program() -> bytes | None:
    """The filter for this machine, or None on an architecture whose numbers are not known here."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if machine not in _ARCHITECTURES:
        return None
    which = list(_ARCHITECTURES).index(machine)
    code = [(_LOAD, 0, 0, _ARCHITECTURE), (_JUMP_IF_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    code += [(_LOAD, 0, 0, _NUMBER), (_JUMP_IF_GREATER, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    for numbers in _REFUSED.values():
        code += [(_JUMP_IF_EQUAL, 0, 1, numbers[which]), (_RETURN, 0, 0, _EPERM)]
    # The C library then uses clone, whose flags can be looked at.
    code += [(_JUMP_IF_EQUAL, 0, 1, _CLONE3[which]), (_RETURN, 0, 0, _ENOSYS)]
    code += [(_JUMP_IF_EQUAL, 0, 4, _CLONE[which]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    code += [(_JUMP_IF_ANY, 0, 1, _NAMESPACES), (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)]
    code += [(_JUMP_IF_EQUAL, 0, 5, _SOCKET[which]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    code += [(_JUMP_IF_EQUAL, len(_FAMILIES) - k, 0, family) for k, family in enumerate(_FAMILIES)]
    code += [(_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)
