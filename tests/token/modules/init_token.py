#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Make a token in a module's free slot: C_InitToken, then C_InitPIN.

usage: init_token.py MODULE LABEL SO_PIN_FILE PIN_FILE
"""
import ctypes
import pathlib
import sys

SERIAL_SESSION, RW_SESSION = 4, 2
SO = 0
TOKEN_INITIALIZED = 0x400

Ulong = ctypes.c_ulong


class TokenInfo(ctypes.Structure):
    """CK_TOKEN_INFO of PKCS#11 v2.40."""
    _fields_ = [("label", ctypes.c_char * 32), ("names", ctypes.c_char * 64),
                ("flags", Ulong), ("counts", Ulong * 10),
                ("versions", ctypes.c_char * 4),
                ("utc_time", ctypes.c_char * 16)]


def call(name, *args):
    function = getattr(module, name)
    function.restype = Ulong
    rv = function(*args)
    if rv != 0:
        sys.exit(f"init_token.py: {name} failed with CK_RV 0x{rv:x}")


def free_slot():
    slots = (Ulong * 64)()
    count = Ulong(len(slots))
    call("C_GetSlotList", ctypes.c_ubyte(1), slots, ctypes.byref(count))
    for slot in slots[:count.value]:
        info = TokenInfo()
        call("C_GetTokenInfo", Ulong(slot), ctypes.byref(info))
        if not info.flags & TOKEN_INITIALIZED:
            return slot, info
    sys.exit("init_token.py: the module shows no free slot")


def slot_of(label, first):
    """The slot may have another number once its token is there."""
    slots = (Ulong * 64)()
    count = Ulong(len(slots))
    call("C_GetSlotList", ctypes.c_ubyte(1), None, ctypes.byref(count))
    call("C_GetSlotList", ctypes.c_ubyte(1), slots, ctypes.byref(count))
    for slot in slots[:count.value]:
        info = TokenInfo()
        call("C_GetTokenInfo", Ulong(slot), ctypes.byref(info))
        if bytes(info.label).rstrip() == label:
            return slot
    return first


path, label, so_pin, pin = sys.argv[1:]
so_pin, pin = (pathlib.Path(p).read_bytes().strip() for p in (so_pin, pin))
module = ctypes.CDLL(path)
call("C_Initialize", None)
slot, _ = free_slot()
call("C_InitToken", Ulong(slot), so_pin, Ulong(len(so_pin)),
     label.encode().ljust(32))
session = Ulong(0)
call("C_OpenSession", Ulong(slot_of(label.encode(), slot)),
     Ulong(SERIAL_SESSION | RW_SESSION), None, None, ctypes.byref(session))
call("C_Login", session, Ulong(SO), so_pin, Ulong(len(so_pin)))
call("C_InitPIN", session, pin, Ulong(len(pin)))
call("C_Finalize", None)
