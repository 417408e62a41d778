#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Initialise a SoftHSM token, or count its keys, with PINs read from files.

softhsm2-util takes PINs on its command line, where every user of the machine
can read them; this talks to the module itself. Only for SoftHSM's scripts.
"""
import argparse
import ctypes
import sys

OK = 0
SERIAL_SESSION, RW_SESSION = 4, 2
SO, USER = 0, 1
TOKEN_INITIALIZED, USER_PIN_INITIALIZED = 0x400, 0x8
CLASS, LABEL = 0, 3
PUBLIC_KEY, PRIVATE_KEY = 2, 3

Ulong = ctypes.c_ulong


class TokenInfo(ctypes.Structure):
    """CK_TOKEN_INFO of PKCS#11 v2.40."""
    _fields_ = [("label", ctypes.c_char * 32),
                ("manufacturer", ctypes.c_char * 32),
                ("model", ctypes.c_char * 16),
                ("serial", ctypes.c_char * 16),
                ("flags", Ulong), ("counts", Ulong * 10),
                ("versions", ctypes.c_char * 4),
                ("utc_time", ctypes.c_char * 16)]


class Attribute(ctypes.Structure):
    """CK_ATTRIBUTE."""
    _fields_ = [("type", Ulong), ("value", ctypes.c_void_p), ("len", Ulong)]


class Module:
    """The module's functions; each failure ends the script by name."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.call("C_Initialize", None)

    def call(self, name, *args):
        function = getattr(self.lib, name)
        function.restype = Ulong
        rv = function(*args)
        if rv != OK:
            sys.exit(f"provision.py: {name} failed with CK_RV 0x{rv:x}")

    def slots(self):
        count = Ulong(0)
        self.call("C_GetSlotList", ctypes.c_ubyte(1), None,
                  ctypes.byref(count))
        slots = (Ulong * count.value)()
        self.call("C_GetSlotList", ctypes.c_ubyte(1), slots,
                  ctypes.byref(count))
        for slot in slots[:count.value]:
            info = TokenInfo()
            self.call("C_GetTokenInfo", Ulong(slot), ctypes.byref(info))
            yield slot, info

    def login(self, slot, user, pin):
        session = Ulong(0)
        self.call("C_OpenSession", Ulong(slot),
                  Ulong(SERIAL_SESSION | RW_SESSION), None, None,
                  ctypes.byref(session))
        self.call("C_Login", session, Ulong(user), pin, Ulong(len(pin)))
        return session


def padded(label):
    return label.encode().ljust(32)


def find(module, label):
    """The one slot that holds the token, with its flags; else None."""
    found = [(slot, info.flags) for slot, info in module.slots()
             if info.flags & TOKEN_INITIALIZED
             and bytes(info.label).ljust(32) == padded(label)]
    if len(found) > 1:
        sys.exit(f"provision.py: {len(found)} tokens are called {label}")
    return found[0] if found else None


def free_slot(module):
    for slot, info in module.slots():
        if not info.flags & TOKEN_INITIALIZED:
            return slot
    sys.exit("provision.py: SoftHSM shows no free slot")


def init(module, label, pin, so_pin):
    """Make the token, or finish one that a killed run began."""
    token = find(module, label)
    if token is None:
        module.call("C_InitToken", Ulong(free_slot(module)), so_pin,
                    Ulong(len(so_pin)), padded(label))
        token = find(module, label)
        if token is None:
            sys.exit("provision.py: the token that was made is not shown")
    slot, flags = token
    if flags & USER_PIN_INITIALIZED:
        module.login(slot, USER, pin)  # the PIN at hand must be its own
        return
    session = module.login(slot, SO, so_pin)
    module.call("C_InitPIN", session, pin, Ulong(len(pin)))


def attribute(kind, value):
    return Attribute(kind, ctypes.addressof(value), ctypes.sizeof(value))


def count(module, session, kind, label):
    # These two must outlive the call: CK_ATTRIBUTE holds addresses only.
    number = Ulong(kind)
    name = ctypes.create_string_buffer(label.encode(), len(label))
    wanted = (Attribute * 2)(attribute(CLASS, number),
                             attribute(LABEL, name))
    handles = (Ulong * 16)()
    found = Ulong(0)
    module.call("C_FindObjectsInit", session, wanted, Ulong(2))
    module.call("C_FindObjects", session, handles, Ulong(16),
                ctypes.byref(found))
    module.call("C_FindObjectsFinal", session)
    return found.value


def read_pin(path):
    with open(path, "rb") as file:
        return file.read().strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("init", "count"))
    parser.add_argument("--module", required=True)
    parser.add_argument("--label", required=True, help="of the token")
    parser.add_argument("--pin-file", required=True)
    parser.add_argument("--so-pin-file", help="for init")
    parser.add_argument("--key", default="", help="label, for count")
    args = parser.parse_args()

    module = Module(args.module)
    pin = read_pin(args.pin_file)
    if args.verb == "init":
        init(module, args.label, pin, read_pin(args.so_pin_file))
    else:
        token = find(module, args.label)
        if token is None:
            sys.exit(f"provision.py: there is no token called {args.label}")
        session = module.login(token[0], USER, pin)
        print(count(module, session, PRIVATE_KEY, args.key),
              count(module, session, PUBLIC_KEY, args.key))
    module.call("C_Finalize", None)


main()
